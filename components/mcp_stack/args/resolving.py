"""What arguments consist of: resolving. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class PodDnsArgs(TypedDict):
    """How names are looked up within its pods, beside what the cluster says."""

    ndots: NotRequired[int]
    """Dots from which on a name is first asked for as it stands, before it is tried in every search domain. The cluster's 5 asks
    four times or more for each name outside of it; 1 or 2 spare that."""
    searches: NotRequired[list[str]]
    """Further domains in which short names are tried."""
