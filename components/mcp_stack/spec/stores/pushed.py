"""A value that is written into a store, too."""

from typing import Annotated, Literal

from pydantic import Field

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import Duration

from ..names import DnsLabel, SecretKey


class PushSpec(Strict):
    """Keeps a copy of the value in a store (PushSecret of External Secrets), for whoever reads it there."""

    store: DnsLabel
    """Name in `secret_stores`: who gets it."""
    key: Annotated[str, Field(min_length=1)]
    """Its key there."""
    property: Annotated[str, Field(min_length=1)] | None = None
    """Member of what the key holds. Vault and Kubernetes hold members alone."""
    of: SecretKey | None = None
    """Of a set: the one of its keys whose value it is."""
    interval: Annotated[Duration, Field()] = "1h"
    """Time between two looks whether it is still there."""
    update: Literal["Replace", "IfNotExists"] = "Replace"
    """`IfNotExists` leaves alone what is there already."""
    deletion: Literal["None", "Delete"] = "None"
    """What becomes of the copy when this declaration goes: it stays, or is deleted."""
