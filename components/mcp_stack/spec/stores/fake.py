"""A store that holds its values itself, for trying out: https://external-secrets.io/latest/provider/fake/."""

from typing import Annotated

from pydantic import Field

from mcp_stack_proxy.config import Strict


class FakeEntry(Strict):
    """A value, readable by all who see the stack."""

    key: Annotated[str, Field(min_length=1)]
    """Its key."""
    value: str
    """The value."""
    version: Annotated[str, Field(min_length=1)] | None = None
    """Its version."""


class FakeStoreSpec(Strict):
    """Values in plain text, for tests and demonstrations."""

    data: Annotated[list[FakeEntry], Field(min_length=1)]
    """The values."""
