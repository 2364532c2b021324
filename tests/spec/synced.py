"""Stacks in which a key of a secret that comes from a store means something."""

from tests.spec.stores import restarting, store, without_rivals

ROLES = tuple(f"arn:aws:iam::123456789012:role/{name}" for name in ("one", "two"))
PEMS = tuple(f"-----BEGIN CERTIFICATE-----\n{name}\n" for name in ("one", "two"))

VALUES = {
    **dict.fromkeys(("client_id", "tenant_id", "identity_id", "username", "resource", "prefix", "controller"), ("one", "two")),
    **dict.fromkeys(("organization", "project", "project_id", "location", "external_id", "role", "role_id"), ("one", "two")),
    **dict.fromkeys(("cluster_name", "cluster_location", "cluster_project_id", "vault_role", "server_id"), ("one", "two")),
    **dict.fromkeys(("property", "version", "into", "template", "source", "target", "literal", "find.name"), ("one", "two")),
    **dict.fromkeys(("api", "address", "server", "vault_url"), ("https://one.example.com", "https://two.example.com")),
    **dict.fromkeys(("recursive", "expand_references", "instant_updates", "cluster", "keys_and_values"), (True, False)),
    **dict.fromkeys(("audiences", "tags", "namespaces"), (["one"], ["two"])),
    **dict.fromkeys(("aws.role", "iam.role"), ROLES),
    "aws.prefix": ("one/", "two/"),
    "find.tags": ({"one": "1"}, {"two": "2"}),
    "additional_roles": ([ROLES[0]], [ROLES[1]]),
    "session_tags": ({"one": "1"}, {"two": "2"}),
    "transitive_tag_keys": (["one"], ["two"]),
    "bundle": PEMS,
    "service": ("SecretsManager", "ParameterStore"),
    "region": ("eu-central-1", "us-east-1"),
    "vault.version": ("v1", "v2"),
    "expiration_seconds": (601, 602),
    "cloud": ("ChinaCloud", "USGovernmentCloud"),
    "remote_namespace": ("one", "two"),
    "kind": ("SecretStore", "ClusterSecretStore"),
    "refresh_seconds": (61, 62),
    "interval_seconds": (1, 2),
    "interval": ("5m", "6m"),
    "refresh.policy": ("Periodic", "OnChange"),
    "store": ("store", "other"),
    "data.0.value": ("one", "two"),
    "decoding": ("Base64", "Auto"),
    "metadata": ("None", "Fetch"),
    "conversion": ("Default", "Unicode"),
    "priority": (["one"], ["two"]),
    "priority_policy": ("Strict", "IgnoreNotFound"),
    "conflict_policy": ("Error", "Ignore"),
    "strategy": ("Extract", "JSON"),
    "creation": ("Owner", "Orphan"),
    "deletion": ("Delete", "Merge"),
    "template.type": ("one", "two"),
    "template.data": ({"KEY": "one"}, {"KEY": "two"}),
    "merge_policy": ("Replace", "Merge"),
    "sources.0.keys": (["one"], ["two"]),
    "sources.0.target": ("Data", "Labels"),
    "gcp_iam.service_account_key_file_path": ("/one", "/two"),
    "restart": ("reloader", None),
    "env_from.0.secret": ("app", "other"),
}
"""Two valid values for each key of secrets and stores."""


def concerns(path):
    """Whether `path` is about secrets from stores."""
    of_store = "secrets" in path and path[-1] not in ("config", "existing", "key")
    return of_store or "remote" in path or "data" in path or "data_from" in path or path[-1] == "restart" or path[-2:] == ENV_FROM


ENV_FROM = ("0", "secret")


def prepare(data, path):
    """What has to stand beside `path` of a secret, or of who reads it."""
    last = path[-1]
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
    if inner[0] in ("data", "data_from"):
        del secret["remote"]
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


def finish(data, path, value):
    """What the value of `path` asks for elsewhere."""
    last = path[-1]
    if last == "strategy" and value == "JSON":
        data_from = next(one for one in _secrets(data) if one.get("data_from"))["data_from"]
        data_from[0]["rewrite"][0]["merge"]["into"] = "one"
    if last == "restart" or path[-2:] == ENV_FROM or path[0] == "secret_stores":
        return
    name = path[path.index("secrets") + 1]
    owner = data["secrets"] if path[0] == "secrets" else data["servers"][path[1]]["secrets"]
    reference = name if "remote" in owner[name] else f"{name}/KEY"
    if path[0] == "secrets":
        restarting(data)
        data["servers"]["command"]["env"]["TOKEN"] = data["servers"]["url"]["env"]["TOKEN"] = {"secret": reference}
    elif path[1] == "image":
        data["servers"]["image"] |= {"files": {"/run/own/file": {"secret": reference}}, "restart": "reloader"}
    else:
        data["servers"][path[1]]["env"] = {"TOKEN": {"secret": reference}}
        reader = data["gateway"] if path[1] == "url" else data["servers"][path[1]]
        reader["restart"] = "reloader"
    if last == "store":
        data["secret_stores"]["other"] = store("vault")
        data["secrets"]["third"] = {"store": "store" if value == "other" else "other", "remote": {"key": "one"}}
        data["servers"]["image"].setdefault("env", {})["THIRD"] = {"secret": "third"}
        data["servers"]["image"]["restart"] = "reloader"


def _secrets(data):
    yield from data["secrets"].values()
    for server in data["servers"].values():
        yield from server.get("secrets", {}).values()


def _foreign(data):
    """Every workload reads a secret of somebody else, which may be followed and need not be."""
    data["secrets"]["token"] = {"existing": "one", "key": "one"}
    data["servers"]["image"]["files"] = {"/run/own/file": {"secret": "token"}}


def _readers(data, path):
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
