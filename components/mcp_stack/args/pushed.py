"""What arguments consist of: pushed. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class PushArgs(TypedDict):
    """Keeps a copy of the value in a store (PushSecret of External Secrets), for whoever reads it there."""

    store: str
    """Name in `secret_stores`: who gets it."""
    key: str
    """Its key there."""
    property: NotRequired[str]
    """Member of what the key holds. Vault and Kubernetes hold members alone."""
    of: NotRequired[str]
    """Of a set: the one of its keys whose value it is."""
    interval: NotRequired[str]
    """Time between two looks whether it is still there."""
    update: NotRequired[str]
    """`IfNotExists` leaves alone what is there already."""
    deletion: NotRequired[str]
    """What becomes of the copy when this declaration goes: it stays, or is deleted."""
