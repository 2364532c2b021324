"""Names of the processes that are proxies in front of servers: a pod holds both, a machine runs one beside the other."""

_SUFFIX = ".proxy"
"""Names of servers hold no dot."""


def front_name(server: str) -> str:
    """Name of the process of the proxy in front of `server`."""
    return f"{server}{_SUFFIX}"


def is_front(name: str) -> bool:
    """Whether the process `name` is a proxy in front of a server."""
    return name.endswith(_SUFFIX)
