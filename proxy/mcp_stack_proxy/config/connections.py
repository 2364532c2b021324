"""How long a connection to a server is used before another takes its place.

A pod that is to end leaves its Service, and some seconds later (`pause_seconds` of a stack) its server closes what it has open:
whoever still sends on that, loses the call. By then the connections to it have to be gone, and only their age says so. The field's
names for that age: MAX_CONNECTION_AGE (gRPC), `max_connection_duration` (Envoy), `keepalive_time` (nginx).
"""

import ipaddress

CLUSTER_AGE_SECONDS = 2.0
"""Default towards a Service, or what else has a private address: opening a connection takes a fraction of a millisecond there."""

REMOTE_AGE_SECONDS = 3600.0
"""Default beyond the cluster, where a new one costs round trips; and on this machine, whose servers end with who calls them.
As nginx has it (`keepalive_time`, 1 h); also the time after which a new address of a busy server's name is noticed."""


def default_connection_age(host: str, address: str) -> float:
    """Seconds for connections to `host`, which was reached at `address`, where the configuration says nothing.

    The name counts first: some clusters give Services addresses that look public (GKE: 34.118.224.0/20).
    """
    return CLUSTER_AGE_SECONDS if _in_cluster(host, address) else REMOTE_AGE_SECONDS


def _in_cluster(host: str, address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if ip.is_loopback:
        return False
    labels = host.rstrip(".").split(".")
    return (len(labels) == 1 and ":" not in host) or labels[2:3] == ["svc"] or not ip.is_global
