"""What arguments consist of: fake. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class FakeEntryArgs(TypedDict):
    """A value, readable by all who see the stack."""

    key: str
    """Its key."""
    value: str
    """The value."""
    version: NotRequired[str]
    """Its version."""


class FakeStoreArgs(TypedDict):
    """Values in plain text, for tests and demonstrations."""

    data: list[FakeEntryArgs]
    """The values."""
