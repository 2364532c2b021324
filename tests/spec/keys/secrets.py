"""Secrets that come from stores, and who reads them."""

from collections.abc import Iterator
from typing import Any

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room
from tests.spec.keys.stores import restarting, without_rivals
from tests.spec.stores import store

ENV_FROM = ("0", "secret")


def _concerns(path: Path) -> bool:
    """Whether `path` is about secrets from stores."""
    deep = {"remote", "data", "data_from", "push"} & {*path}
    of_secret = "secrets" in path and (path[-1] not in ("config", "existing", "key") or deep)
    return path[0] != "secret_stores" and (of_secret or path[-1] == "restart" or path[-2:] == ENV_FROM)


def _before(data: Data, path: Path) -> None:
    last = path[-1]
    if not _concerns(path):
        if last in ("existing", "key") and "secrets" in path:
            put(data, path[:-1], {"existing": "one", "key": "one"})
        return
    if last == "restart":
        _foreign(data)
        return
    data["secret_stores"] = {"store": store("fake")}
    if path[-2:] == ENV_FROM:
        _readers(data, path)
        return
    place = data["secrets"] if path[0] == "secrets" else data["servers"][path[1]].setdefault("secrets", {})
    name = path[path.index("secrets") + 1]
    secret = place[name] = {"store": "store", "remote": {"key": "one"}}
    inner = path[path.index("secrets") + 2 :]
    if inner[0] in ("data", "data_from") or last in ("of", "registry"):
        del secret["remote"]
    _copied(data, secret, inner)
    if inner[0] == "data":
        secret["data"] = {"KEY": {"key": "one"}}
    if inner[0] == "data_from":
        way = "find" if "find" in inner else "extract"
        secret["data_from"] = [{way: {} if way == "find" else {"key": "one"}}]
    if "rewrite" in inner:
        step = {"regexp": {"source": "a", "target": "b"}, "transform": {"template": "a"}, "merge": {}}
        secret["data_from"][0]["rewrite"] = [{inner[4]: step[inner[4]]}]
    if last == "into":
        secret["data_from"][0]["rewrite"][0]["merge"]["strategy"] = "JSON"
    if inner[:2] == ("target", "template"):
        del secret["remote"]
        secret["data"] = {"KEY": {"key": "one"}}
        template = {"data": {"KEY": "{{ .KEY }}"}}
        if "sources" in inner:
            literal = last in ("literal", "target")
            template["sources"] = [{"literal": "one"} if literal else {"existing_secret": "one", "keys": ["one"]}]
            without_rivals(template["sources"][0], last)
        secret["target"] = {"template": template}


def _copied(data: Data, secret: Data, inner: Path) -> None:
    """What a copy in another store needs, a Secret that images are pulled with, and times to read at."""
    last = inner[-1]
    if last in ("of", "registry"):
        secret["data"] = {one: {"key": one} for one in ("KEY", "username", "password", "one", "two")}
    if inner[0] == "push":
        data["secret_stores"]["keeper"] = store("vault")
        secret["push"] = {"store": "keeper", "key": "one", "property": "one", **({"of": "KEY"} if last == "of" else {})}
    if "sync_windows" in inner:
        secret["refresh"] = {"sync_windows": {"kind": "allow", "windows": [{"schedule": "@daily", "duration": "1h"}]}}


def _after(data: Data, path: Path, value: Any) -> None:
    last = path[-1]
    if not _concerns(path):
        return
    if last == "strategy" and value == "JSON":
        data_from = next(one for one in _secrets(data) if one.get("data_from"))["data_from"]
        data_from[0]["rewrite"][0]["merge"]["into"] = "one"
    if last == "restart" or path[-2:] == ENV_FROM:
        return
    name = path[path.index("secrets") + 1]
    owner = data["secrets"] if path[0] == "secrets" else data["servers"][path[1]]["secrets"]
    registry = last == "registry"
    reference = name if "remote" in owner[name] else f"{name}/{'.dockerconfigjson' if registry else 'KEY'}"
    if path[0] == "secrets":
        restarting(data)
        data["servers"]["command"]["env"]["TOKEN"] = data["servers"]["url"]["env"]["TOKEN"] = {"secret": reference}
    elif path[1] == "image":
        data["servers"]["image"] |= {"files": {"/run/own/file": {"secret": reference}}, "restart": "reloader"}
    else:
        data["servers"][path[1]]["env"] = {"TOKEN": {"secret": reference}}
        reader = data["gateway"] if path[1] == "url" else data["servers"][path[1]]
        reader["restart"] = "reloader"
    if path[-2:] == ("push", "store"):
        data["secret_stores"] |= {"first": store("vault"), "second": store("aws")}
        readers = {"one": "first" if value == "second" else "second", "two": "keeper"}
        for secret, kept in readers.items():
            data["secrets"][f"of-{secret}"] = {"store": kept, "remote": {"key": "one"}}
            data["servers"]["image"].setdefault("env", {})[secret.upper()] = {"secret": f"of-{secret}"}
        data["servers"]["image"]["restart"] = "reloader"
    elif last == "store":
        data["secret_stores"]["other"] = store("vault")
        data["secrets"]["third"] = {"store": "store" if value == "other" else "other", "remote": {"key": "one"}}
        data["servers"]["image"].setdefault("env", {})["THIRD"] = {"secret": "third"}
        data["servers"]["image"]["restart"] = "reloader"


def _secrets(data: Data) -> Iterator[Data]:
    yield from data["secrets"].values()
    for server in data["servers"].values():
        yield from server.get("secrets", {}).values()


def _foreign(data: Data) -> None:
    """Every workload reads a secret of somebody else, which may be followed and need not be."""
    data["secrets"]["token"] = {"existing": "one", "key": "one"}
    data["servers"]["image"]["files"] = {"/run/own/file": {"secret": "token"}}


def _readers(data: Data, path: Path) -> None:
    """Every workload reads a secret from the store, and is restarted."""
    data["secrets"]["token"] = {"store": "store", "remote": {"key": "one"}}
    for name in ("app", "other"):
        data["secrets"][name] = {"store": "store", "data": {"KEY": {"key": "one"}}}
    image = data["servers"]["image"]
    image["files"] = {"/run/app": {"secret": "app/*"}, "/run/other": {"secret": "other/*"}}
    for workload in (image, data["servers"]["command"], data["gateway"]):
        workload["restart"] = "reloader"
    if "init_containers" in path:
        owner = data["servers"][path[1]] if path[0] == "servers" else data.setdefault(path[0], {})
        owner["init_containers"] = [{"name": "one", "image": {"repository": "acme/one", "tag": "1.0.0"}}]


ROOM = Room(
    modules=("stores.secret", "stores.remote", "stores.target", "stores.pushed"),
    values={
        **dict.fromkeys(("property", "version", "into", "template", "source", "target", "literal"), ("one", "two")),
        **dict.fromkeys(("name", "config", "existing", "key", "existing_secret", "existing_config_map"), ("one", "two")),
        "path": ("/one", "/two"),
        "push.store": ("first", "second"),
        "of": ("one", "two"),
        "update": ("Replace", "IfNotExists"),
        "push.deletion": ("None", "Delete"),
        "registry": ("one.example", "two.example:5000"),
        "sync_windows.kind": ("allow", "deny"),
        "schedule": ("@daily", "0 22 * * 1-5"),
        "duration": ("1h", "2h"),
        "labels": ({"team": "a"}, {"team": "b"}),
        "annotations": ({"note": "a"}, {"note": "b"}),
        "keys_and_values": (True, False),
        "tags": ({"one": "1"}, {"two": "2"}),
        "interval": ("5m", "6m"),
        "policy": ("Periodic", "OnChange"),
        "store": ("store", "other"),
        "decoding": ("Base64", "Auto"),
        "metadata": ("None", "Fetch"),
        "conversion": ("Default", "Unicode"),
        "priority": (["one"], ["two"]),
        "priority_policy": ("Strict", "IgnoreNotFound"),
        "conflict_policy": ("Error", "Ignore"),
        "strategy": ("Extract", "JSON"),
        "creation": ("Owner", "Orphan"),
        "deletion": ("Delete", "Merge"),
        "type": ("one", "two"),
        "data": ({"KEY": "one"}, {"KEY": "two"}),
        "merge_policy": ("Replace", "Merge"),
        "keys": (["one"], ["two"]),
        "sources.0.target": ("Data", "Labels"),
    },
    before=_before,
    after=_after,
    alone=_concerns,
)
