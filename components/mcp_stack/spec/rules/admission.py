"""Who checks who calls: every proxy of a stack asks for a key, is reached by the gateway alone, or stands behind a statement."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..front import FrontSpec
from ..stack import StackSpec

OPEN = "nothing checks who calls the proxy, so pods would be open to whoever reaches them; "
STATE = "set it to true where only trusted clients can (`clients` and `exposure` say who that is)"


def admission_problems(spec: StackSpec, *, cluster: bool) -> Iterator[Problem]:
    """Proxies that nothing guards, where there is a `cluster` around them, and statements that contradict or do nothing."""
    gateway = spec.gateway
    asks = gateway.enabled and gateway.authentication is not None
    if gateway.authentication is not None and not gateway.enabled:
        yield Problem("gateway.authentication", "does nothing, the gateway is disabled; remove it")
    elif asks and gateway.trust_network:
        where = "state it for single servers (`servers.NAME.trust_network`) where they are called past the gateway"
        yield Problem("gateway.trust_network", f"contradicts `authentication`, which checks who calls; remove it, and {where}")
    elif cluster and gateway.enabled and not asks and not gateway.trust_network:
        yield Problem("gateway.trust_network", OPEN + STATE + ", or give `gateway.authentication`")
    for name, server in spec.servers.items():
        if server.kind == "command":
            yield from _past(spec, name, join("servers", name), stated=server.trust_network, asks=asks, cluster=cluster)
        elif server.front is not None:
            yield from _front(spec, name, server.front, asks=asks, cluster=cluster)


def _front(spec: StackSpec, name: str, front: FrontSpec, *, asks: bool, cluster: bool) -> Iterator[Problem]:
    """A proxy of one server's own may ask for keys itself; then the gateway needs one, too."""
    place = join("servers", name, "proxy")
    if front.authentication is None:
        yield from _past(spec, name, place, stated=front.trust_network, asks=asks, cluster=cluster)
        return
    key, offered = join(place, "authentication", "gateway_key"), spec.gateway.enabled and spec.servers[name].in_gateway
    if front.trust_network:
        yield Problem(join(place, "trust_network"), "contradicts `authentication`, which checks who calls; remove one of them")
    if offered and front.authentication.gateway_key is None:
        yield Problem(key, "required, the gateway calls the server, too; name the secret with its key: `gateway_key: {secret: …}`")
    elif not offered and front.authentication.gateway_key is not None:
        yield Problem(key, "does nothing, no gateway offers the server; remove it")


def _past(spec: StackSpec, name: str, place: str, *, stated: bool, asks: bool, cluster: bool) -> Iterator[Problem]:
    """The gateway's own authentication does not protect a proxy that is called past it."""
    at, past = join(place, "trust_network"), spec.direct_callers(name)
    if stated and spec.gateway.trust_network:
        yield Problem(at, "does nothing, `gateway.trust_network` states it for every proxy; remove one of them")
    elif stated and asks and not past:
        yield Problem(at, "does nothing, only the gateway may call it, which checks who calls; remove it")
    elif cluster and not stated and not spec.gateway.trust_network:
        if not spec.gateway.enabled:
            yield Problem(at, OPEN + STATE)
        elif asks and past:
            ways = ", ".join(f"`{one}`" for one in past)
            yield Problem(
                at,
                f"false, but {ways} let callers past the gateway and its authentication; let them call the gateway instead, "
                "or set it to true where only trusted clients come this way",
            )
