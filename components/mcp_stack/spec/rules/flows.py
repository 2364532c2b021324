"""Who may call whom."""

from collections.abc import Iterator, Sequence, Set
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from mcp_stack_proxy.config import Problem, find_placeholders
from mcp_stack_proxy.config.strict import join

from ..network import METADATA, Destination, NetworkSpec, plain_address
from ..stack import StackSpec
from ..variables import Reference

CREDENTIALS = "hands out credentials of the node; no pod may reach it"


UNKNOWN = "unknown where the API server is, policies know addresses only; give them"
ADDRESSES = "{cidrs: [10.96.0.1/32, 10.0.0.4/32]}"
"""What is said of an API server that nobody has placed."""

OWN_IDENTITY = (
    "a pod's own identity comes from elsewhere: GKE's workload identity from 169.254.169.252/32 (port 988), EKS' pod identity from "
    "169.254.170.23/32 (port 80)"
)


def flow_problems(spec: StackSpec, faulty: Set[str] = frozenset()) -> Iterator[Problem]:
    """Destinations that do not exist, or may not be reached. Servers among the `faulty` subjects exist."""
    yield from _api_server(spec, faulty)
    yield from _late(spec)
    yield from _credentials(spec.network.dns.addresses, join("network", "dns", "addresses"))
    pods = [name for name, server in spec.servers.items() if server.kind != "url"]
    for name, server in spec.servers.items():
        if server.url is not None and "${" not in server.url and not server.egress:
            yield from _address_of(server.url, join("servers", name, "url"))
        for index, destination in enumerate(server.egress):
            target = destination.server
            at = join("servers", name, "egress", index)
            place = join(at, "server")
            yield from _metadata(destination, at)
            if target is None:
                continue
            if server.kind == "url":
                yield Problem(place, "does nothing, the gateway reaches the stack's own servers anyway; remove it")
                continue
            if target == name:
                yield Problem(place, "a server reaches itself without a network; remove it")
            elif target not in pods and faulty.isdisjoint({"servers", join("servers", target)}):
                near = get_close_matches(target, pods, n=1)
                hint = f"did you mean `{near[0]}`?" if near else "name one that is enabled and runs here"
                yield Problem(place, f"no server {target!r} runs in this stack; {hint}")


def network_problems(spec: NetworkSpec, egress: Sequence[Destination]) -> Iterator[Problem]:
    """The same for a policy that belongs to no stack: `egress` of one workload, with what `spec` says of its surroundings."""
    for index, destination in enumerate(egress):
        at = join("egress", index)
        yield from _metadata(destination, at)
        if destination.server is not None:
            yield Problem(join(at, "server"), "names a server of a stack, and there is none here; give `namespace` and `pods`")
        if destination.api_server and spec.api_server is None:
            yield Problem(join(at, "api_server"), f"{UNKNOWN}, such as `api_server: {ADDRESSES}`")
    if spec.api_server is not None:
        if not any(one.api_server for one in egress):
            yield Problem("api_server", "does nothing, no `egress` names it (`egress: [{api_server: true}]`); remove it")
        yield from _credentials(spec.api_server.cidrs, join("api_server", "cidrs"))
    yield from _credentials(spec.dns.addresses, join("dns", "addresses"))


def _metadata(destination: Destination, at: str) -> Iterator[Problem]:
    if destination.cidr in METADATA:
        yield Problem(join(at, "cidr"), f"{_address(destination.cidr)} {CREDENTIALS}; {OWN_IDENTITY}")


def _address_of(url: str, at: str) -> Iterator[Problem]:
    """Where a `url` that is an address leads: the policy of the gateway opens just that."""
    host = urlsplit(url).hostname or ""
    address = plain_address(host)
    if address is None:
        return
    if str(ip_network(address)) in METADATA:
        yield Problem(at, f"{address} {CREDENTIALS}")
    elif str(address) != str(ip_address(host)):
        yield Problem(at, f"{host} is {address} in another notation, which no policy opens; write {address}")


def _late(spec: StackSpec) -> Iterator[Problem]:
    """A policy is known at preview, so where it leads has to be, too."""
    for name, server in spec.servers.items():
        if server.url is None or server.egress:
            continue
        place = urlsplit(server.url).netloc or server.url
        found = [server.env.get(one.name) for one in find_placeholders({"url": place})]
        if any(one is not None and not isinstance(one, str | Reference) for one in found):
            yield Problem(
                join("servers", name, "egress"),
                "required, `url` is known only after deployment and policies before; say where it leads, such as "
                "`egress: [{namespace: mcp-notes, ports: [8000]}]` or `egress: [{internet: true, ports: [443]}]`",
            )


def _api_server(spec: StackSpec, faulty: Set[str]) -> Iterator[Problem]:
    """The API server's addresses are there for those who name it, and are its own."""
    given = spec.network.api_server
    users = [
        join("servers", name, "egress", index, "api_server")
        for name, server in spec.servers.items()
        for index, one in enumerate(server.egress)
        if one.api_server
    ]
    at = join("network", "api_server")
    if given is None:
        for user in () if "network" in faulty else users:
            yield Problem(user, f"{UNKNOWN}, such as `network: {{api_server: {ADDRESSES}}}`")
        return
    if not users and not any(one.startswith("servers") for one in faulty):
        yield Problem(at, "does nothing, no server's `egress` names it (`egress: [{api_server: true}]`); remove it")
    yield from _credentials(given.cidrs, join(at, "cidrs"))


def _credentials(cidrs: Sequence[str], at: str) -> Iterator[Problem]:
    """Metadata services among `cidrs`."""
    return (Problem(join(at, index), f"{_address(cidr)} {CREDENTIALS}") for index, cidr in enumerate(cidrs) if cidr in METADATA)


def _address(cidr: str) -> str:
    return cidr.partition("/")[0]
