"""Mistakes of many kinds, each with the path at which it has to be named, whatever else is wrong with the stack."""

import copy
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from mcp_stack.spec import load_spec
from mcp_stack_proxy.config import ConfigError
from mcp_stack_proxy.config.strict import join
from tests.dotted import put
from tests.spec.keys.walk import concrete
from tests.stacks.drawn import bare, field_at, stacks

IMAGE = {"image": {"repository": "acme/planted", "tag": "1.0.0"}}
BOX = {"name": "box", **IMAGE}

SERVERS: dict[str, tuple[Callable[[str], dict[str, Any]], str]] = {
    "requests above limits": (
        lambda _: {**IMAGE, "resources": {"requests": {"cpu": "3"}, "limits": {"cpu": "2"}}},
        "resources.requests.cpu",
    ),
    "a secret that nobody declares": (lambda _: {**IMAGE, "env": {"PLANTED": {"secret": "nobody"}}}, "env.PLANTED"),
    "a secret that nobody reads": (lambda _: {**IMAGE, "secrets": {"idle": {"config": "idle"}}}, "secrets.idle"),
    "a call of itself": (lambda name: {**IMAGE, "egress": [{"server": name}]}, "egress[0].server"),
    "a call of nobody": (lambda _: {**IMAGE, "egress": [{"server": "nobody"}]}, "egress[0].server"),
    "the metadata address": (lambda _: {**IMAGE, "egress": [{"cidr": "169.254.169.254/32"}]}, "egress[0].cidr"),
    "a directory of the system": (lambda _: {**IMAGE, "writable": ["/etc"]}, "writable[0]"),
    "a file below a writable directory": (
        lambda _: {**IMAGE, "writable": ["/data"], "files": {"/data/own/file": {"content": "x"}}},
        "files./data/own/file",
    ),
    "a key of another kind": (lambda _: {**IMAGE, "headers": {"X-Planted": "x"}}, "headers"),
    "two kinds at once": (lambda _: {**IMAGE, "url": "https://planted.example/mcp"}, ""),
    "an image without version": (lambda _: {"image": {"repository": "acme/planted"}}, "image"),
    "an image that moves": (lambda _: {"image": {"repository": "acme/planted", "tag": "latest"}}, "image.tag"),
    "no such volume": (
        lambda _: {**IMAGE, "init_containers": [{**BOX, "mounts": {"/own": {"volume": "nobody"}}}]},
        "init_containers[0].mounts./own.volume",
    ),
    "two containers of one name": (lambda _: {**IMAGE, "init_containers": [BOX, BOX]}, "init_containers[1].name"),
    "probes without a sidecar": (
        lambda _: {**IMAGE, "init_containers": [{**BOX, "probes": {"liveness": {"tcp_socket": {"port": 1}}}}]},
        "init_containers[0]",
    ),
    "two ways to probe": (lambda _: {**IMAGE, "probes": {"liveness": {"tcp_socket": {}, "exec": ["x"]}}}, "probes.liveness"),
    "an unknown operator": (lambda _: {**IMAGE, "tolerations": [{"key": "a", "operator": "Near"}]}, "tolerations[0].operator"),
}
"""A server of its own for each mistake that is one server's."""

OFFERED: dict[str, tuple[Callable[[str], dict[str, Any]], str]] = {
    "nothing fills a placeholder": (lambda _: {"command": ["run", "${NOBODY}"]}, "command[1]"),
    "a loopback address": (lambda _: {"url": "http://127.0.0.1:8000/mcp"}, "url"),
    "an idle variable": (lambda _: {"url": "https://planted.example/mcp", "env": {"IDLE": "x"}}, "env.IDLE"),
    "no address": (lambda _: {"url": "planted.example"}, "url"),
}
"""The same, for what exists only through a gateway."""

WHOLE: dict[str, tuple[tuple[str, ...], Any, str]] = {
    "a label of the stack's own": (("labels", "app.kubernetes.io/name"), "x", 'labels."app.kubernetes.io/name"'),
    "a name that no server may have": (("servers", "Planted_Name"), IMAGE, "servers.Planted_Name"),
    "the gateway's own name": (("servers", "shared"), IMAGE, "servers.shared"),
    "a secret of two origins": (("secrets", "planted"), {"config": "a", "existing": "b", "key": "c"}, "secrets.planted"),
    "an unknown key": (("planted",), 1, "planted"),
    "an unknown key of the gateway": (("gateway", "planted"), 1, "gateway.planted"),
    "an unknown key of the defaults": (("defaults", "planted"), 1, "defaults.planted"),
    "an unknown key of a server": (("servers", "image", "planted"), 1, "servers.image.planted"),
}
"""A place of the file, what is put there, and where that is said to be wrong."""

MOST = 4


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, str]]:
    """A stack that was valid, and its mistakes: what each is, and its path."""
    data, spec, chosen = draw(stacks())
    ready = _with_room(data)
    servers = {**SERVERS, **(OFFERED if spec.gateway.enabled else {})} if ready is not None else {}
    data = ready or data
    chosen = [path for path in chosen if _there(data, concrete(path))]  # a later key may have taken the place of another
    numbers = [path for path in chosen if bare(field_at(path))[0] is int and "0" not in path]
    kinds = [
        *servers,
        *(what for what, (path, *_) in WHOLE.items() if path[:2] != ("servers", "image") or "image" in data["servers"]),
    ]
    planted: dict[str, str] = {}
    for what in draw(
        st.lists(
            st.sampled_from([*kinds, *(["a number out of bounds", "a wrong type"] * 3)]), min_size=1, max_size=MOST, unique=True
        )
    ):
        if what in servers:
            make, path = servers[what]
            name = f"planted-{len(planted)}"
            data["servers"][name] = copy.deepcopy(make(name))
            planted[what] = join("servers", name) + (f".{path}" if path else "")
        elif what in WHOLE:
            place, value, planted[what] = WHOLE[what]
            put(data, place, copy.deepcopy(value))
        else:
            places = numbers if what == "a number out of bounds" else chosen
            places = [path for path in places if not any(_public(path).startswith(other) for other in planted.values())]
            if places:
                path = draw(st.sampled_from(places))
                put(data, concrete(path), -1 if what == "a number out of bounds" else {"planted": [["wrong"]]})
                planted[what] = _public(path)
    if any(path.startswith("defaults") for path in planted.values()):
        planted.pop("a secret that nobody reads", None)  # what is wrong there may be what reads it
    return data, planted


def _with_room(data: dict[str, Any]) -> dict[str, Any] | None:
    """`data`, if its defaults fit a plain server, so that a planted one has no other mistake than its own."""
    tried = copy.deepcopy(data)
    tried["servers"]["planted"] = copy.deepcopy(IMAGE)
    try:
        load_spec(tried, "test")
    except ConfigError:
        return None
    return copy.deepcopy(data)


def _there(data: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if isinstance(data, list):
            if not step.isdigit() or int(step) >= len(data):
                return False
            data = data[int(step)]
        elif isinstance(data, dict) and step in data:
            data = data[step]
        else:
            return False
    return True


def _public(path: tuple[str, ...]) -> str:
    return join("", *(int(step) if step.isdigit() else step for step in concrete(path)))


def unnamed(data: dict[str, Any], planted: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Mistakes that the one error does not name, and what it says of places where nothing was planted."""
    try:
        load_spec(data, "test")
    except ConfigError as error:
        said = {problem.path: str(problem) for problem in error.problems}
        missed = {what: path for what, path in planted.items() if not any(_at(one, path) for one in said)}
        return missed, [text for one, text in said.items() if not any(_at(one, path) for path in planted.values())]
    return planted, []


def _at(one: str, path: str) -> bool:
    return one == path or one.startswith((f"{path}.", f"{path}["))
