"""Who may call whom."""

from typing import Any

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room, at


def _before(data: Data, path: Path) -> None:
    if "load_balancer" in path:
        put(data, (*path[: path.index("load_balancer")], "type"), "LoadBalancer")
    if path[:2] == ("network", "api_server"):
        data["network"] = {"api_server": {"cidrs": ["10.96.0.1/32"]}}
        data["servers"]["image"]["egress"] = [{"api_server": True}]


def _after(data: Data, path: Path, value: Any) -> None:
    last = path[-1]
    if path[-2:] == ("service", "protocol") and value != "TCP":
        unasked = {kind: {"enabled": False} for kind in ("startup", "readiness", "liveness")}
        data["servers"]["image"] |= {"in_gateway": False, "probes": unasked}
    if last == "api_server" and value:
        put(data, ("network", "api_server"), {"cidrs": ["10.96.0.1/32"]})
    if last in ("internet", "api_server") and not value:
        at(data, path)["egress"][0]["cidr"] = "8.8.8.0/24"
    if last == "server" and value == path[1]:
        data["servers"]["third"] = {"image": {"repository": "third", "tag": "1.0.0"}}
        at(data, path)["egress"][0]["server"] = "third"


ROOM = Room(
    modules=("network",),
    values={
        "annotations": ({"note": "a"}, {"note": "b"}),
        "namespace": ("one", "two"),
        "port": (8101, 8102),
        "port_name": ("http", "mcp"),
        "target_port": (8103, 8104),
        "protocol": ("TCP", "UDP"),
        "type": ("ClusterIP", "NodePort"),
        "session_affinity": ("None", "ClientIP"),
        "ip_family_policy": ("PreferDualStack", "RequireDualStack"),
        "ip_families": (["IPv4"], ["IPv6"]),
        "node_port": (30001, 30002),
        "external_traffic": ("Cluster", "Local"),
        "load_balancer_class": ("one", "two"),
        "source_ranges": (["8.8.8.0/24"], ["9.9.9.0/24"]),
        "cidr": ("8.8.8.0/24", "9.9.9.0/24"),
        "without": (["8.8.0.0/24"], ["8.8.1.0/24"]),
        "pods": ({"app": "one"}, {"app": "two"}),
        "ports": ([1001], [1002]),
        "internet": (True, False),
        "egress.0.api_server": (True, False),
        "addresses": (["10.1.0.53/32"], ["10.2.0.53/32"]),
        "cidrs": (["10.96.0.1/32"], ["10.97.0.1/32"]),
        "egress.0.server": ("image", "command"),
    },
    refused={
        "url.egress.0.server": "does nothing",
        **{f"{place}.service.target_port": "says where it listens" for place in ("defaults", "gateway", "command")},
        **{f"{place}.service.protocol": "MCP does not run over UDP" for place in ("defaults", "gateway", "command")},
    },
    beside={
        "without": ("cidr", "8.8.0.0/16"),
        **dict.fromkeys(("node_port", "external_traffic"), ("type", "NodePort")),
        "pods": ("namespace", "one"),
        **dict.fromkeys(("egress.0.ports", "dns.ports"), ("namespace", "one")),
    },
    before=_before,
    after=_after,
)
