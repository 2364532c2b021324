"""Endpoints that are put together: a selection of what several servers offer, under names and descriptions of its own."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from .guarding import Glob
from .strict import Strict

ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{1,128}$")]
"""Name of a tool as clients may rely on it (2026-07-28, server/tools, tool names)."""

Text = Annotated[str, Field(min_length=1)]


def is_glob(pattern: str) -> bool:
    """Whether `pattern` stands for other names than itself."""
    return any(character in pattern for character in "*?[")


class ToolHints(Strict):
    """What clients are told about a tool's effects. It is advice to them, and changes nothing in what the tool does."""

    read_only: bool | None = None
    """It changes nothing (`readOnlyHint`)."""
    destructive: bool | None = None
    """It may overwrite or delete (`destructiveHint`)."""
    idempotent: bool | None = None
    """Calling it again with the same arguments changes nothing more (`idempotentHint`)."""
    open_world: bool | None = None
    """It deals with what is outside of its server (`openWorldHint`)."""


class _Named(Strict):
    """Things with names, of one server."""

    selects: ClassVar[str]

    server: str
    """Server that has it."""

    @property
    def pattern(self) -> str:
        """What is selected, by the server's own names."""
        return str(getattr(self, self.selects))

    @property
    def public(self) -> str | None:
        """Name here, where it is known without asking the server."""
        if is_glob(self.pattern):
            return None
        name: str | None = getattr(self, "name", None)
        return name or self.pattern

    @model_validator(mode="after")
    def _acts(self) -> Self:
        if not is_glob(self.pattern):
            if getattr(self, "prefix", ""):
                raise ValueError(f"`prefix` is for patterns, and {self.pattern!r} is one name; give `name`")
            return self
        idle = [key for key in ("name", "title", "description", "annotations") if getattr(self, key, None) is not None]
        if idle:
            more = "; `prefix` renames all of them" if idle[0] == "name" else ", name it by itself as well"
            raise ValueError(f"`{idle[0]}` is for one, and {self.pattern!r} stands for several{more}")
        return self


class ToolSelection(_Named):
    """One tool of a server, or all that a pattern stands for. What is named by itself is not taken by a pattern again."""

    selects = "tool"

    tool: Glob
    """The server's own name of it; `*`, `?` and `[ab]` stand for other characters."""
    name: ToolName | None = None
    """Name here, its own by default."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{0,64}$")] = ""
    """In front of all names that a pattern stands for."""
    title: Text | None = None
    """Title here."""
    description: Text | None = None
    """Description here."""
    annotations: ToolHints | None = None
    """What differs from the server's own annotations."""


class PromptSelection(_Named):
    """One prompt of a server, or all that a pattern stands for."""

    selects = "prompt"

    prompt: Glob
    """The server's own name of it; `*`, `?` and `[ab]` stand for other characters."""
    name: Text | None = None
    """Name here, its own by default."""
    prefix: Annotated[str, Field(max_length=64)] = ""
    """In front of all names that a pattern stands for."""
    title: Text | None = None
    """Title here."""
    description: Text | None = None
    """Description here."""


class ResourceSelection(_Named):
    """Resources and templates of a server. Their URIs are those of `/mcp`, in lists and in results."""

    selects = "uri"

    uri: Glob
    """The server's own URI or URI template; `*`, `?` and `[ab]` stand for other characters. What is read has to match it, too."""


class VirtualServer(Strict):
    """A server that consists of parts of others. Its clients see these alone, and call them as if they were its own."""

    title: Text | None = None
    """Title that clients see in `serverInfo`, beside its name."""
    instructions: Text | None = None
    """Text for the model on how to use it."""
    tools: list[ToolSelection] = []
    """Its tools. Names have to differ; where patterns overlap, the server that is named first has the name."""
    prompts: list[PromptSelection] = []
    """Its prompts, by the same rules."""
    resources: list[ResourceSelection] = []
    """Its resources and resource templates. A link in a tool's result leads to a resource only if it is selected here."""

    @field_validator("tools", "prompts", "resources")
    @classmethod
    def _names(cls, selections: Sequence[_Named]) -> Sequence[_Named]:
        owner: dict[str, int] = {}
        patterns: dict[tuple[str, str], int] = {}
        for index, one in enumerate(selections):
            if one.public is not None and not isinstance(one, ResourceSelection):
                if (other := owner.setdefault(one.public, index)) != index:
                    raise ValueError(f"{one.public!r} is the name of both [{other}] and [{index}]; give one of them another `name`")
            elif (other := patterns.setdefault((one.server, one.pattern), index)) != index:
                raise ValueError(f"[{other}] and [{index}] select the same; remove one of them")
        return selections

    @model_validator(mode="after")
    def _offers(self) -> Self:
        if not (self.tools or self.prompts or self.resources):
            raise ValueError("offers nothing; give `tools`, `prompts` or `resources`")
        return self

    def selections(self) -> Iterator[tuple[str, int, str]]:
        """Key, place in its list, and server of every selection."""
        for key in ("tools", "prompts", "resources"):
            for index, one in enumerate(getattr(self, key)):
                yield key, index, one.server
