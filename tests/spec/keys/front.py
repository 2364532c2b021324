"""The proxy in front of a server, in its own pods."""

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room, at


def _before(data: Data, path: Path) -> None:
    if path[2:3] != ("proxy",):
        return
    if "authentication" in path:
        put(data, (*path[:3], "authentication"), {"api_keys": {"secret": "token"}, "gateway_key": {"secret": "token"}})
    if path[-1] == "trust_network":
        data["gateway"] = {"authentication": {"api_keys": {"secret": "token"}}}
        at(data, path)["clients"] = [{"namespace": "agents"}]


ROOM = Room(
    modules=("front",),
    values={
        "port": (8101, 8102),
        "trust_network": (True, False),
    },
    before=_before,
)
