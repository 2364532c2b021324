"""How pods find addresses: names that no resolver knows, and how names are looked up."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .names import DnsName, Host


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(f"{value!r} is no address such as 10.20.0.5 or fd00::5") from None


Address = Annotated[str, AfterValidator(_address)]

HostAliases = dict[Host, Address]
"""Names, and the address of each."""


class PodDnsSpec(Strict):
    """How names are looked up within its pods, beside what the cluster says."""

    ndots: Annotated[int, Field(ge=1, le=15), NO_BOOL] | None = None
    """Dots from which on a name is first asked for as it stands, before it is tried in every search domain. The cluster's 5 asks
    four times or more for each name outside of it; 1 or 2 spare that."""
    searches: Annotated[list[DnsName], Field(max_length=26)] = []
    """Further domains in which short names are tried."""
