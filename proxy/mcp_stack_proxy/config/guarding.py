"""Which of a server's tools clients get, and what is checked on the way of a call."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .amounts import Count
from .strict import Strict

Glob = Annotated[str, Field(min_length=1, max_length=256)]
"""Name of a tool, in which `*` stands for anything, `?` for one character, `[ab]` for one of these."""


def _off(value: object) -> object:
    return "off" if value is False else value


Mode = Annotated[Literal["off", "observe", "enforce"], BeforeValidator(_off)]
"""YAML reads a bare `off` as false."""


class ToolFilter(Strict):
    """Tools by the server's own names; `*`, `?` and `[ab]` stand for other characters. What is hidden is answered as unknown."""

    allow: Annotated[list[Glob], Field(min_length=1)] | None = None
    """Tools that clients get, all by default."""
    deny: list[Glob] = []
    """Tools that they do not get, even if `allow` names them."""

    @model_validator(mode="after")
    def _filters(self) -> Self:
        if self.allow is None and not self.deny:
            raise ValueError("hides nothing; give `allow` or `deny`, or leave it out")
        return self


class Validation(Strict):
    """Calls checked by each tool's own JSON Schema: `observe` logs what is wrong, `enforce` refuses it."""

    arguments: Mode = "off"
    """Arguments, by the tool's `inputSchema`, before the server sees them."""
    results: Mode = "off"
    """Structured content, by the tool's `outputSchema`, where it has one. Results that say `isError` are not checked."""
    max_bytes: Count = 1024 * 1024
    """Largest arguments or structured content; what is larger is a fault."""
    max_depth: Annotated[Count, Field(le=200)] = 50
    """Objects and lists within each other; what is deeper is a fault."""

    @property
    def active(self) -> bool:
        """Whether anything is checked."""
        return self.arguments != "off" or self.results != "off"

    def idle_bounds(self) -> list[str]:
        """Bounds that were given although nothing is checked."""
        return [] if self.active else sorted(self.model_fields_set & {"max_bytes", "max_depth"})
