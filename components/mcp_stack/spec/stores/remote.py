"""What is read from a store: one value, or many at once."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict

from .credentials import exactly_one

Text = Annotated[str, Field(min_length=1)]
Decoding = Literal["None", "Auto", "Base64", "Base64URL"]
Conversion = Literal["Default", "Unicode"]


class RemoteRef(Strict):
    """One value of a store."""

    key: Text
    """Its key there. Infisical: `KEY`, or `/folder/KEY`; Secrets Manager: the secret's name; Vault: the path."""
    property: Text | None = None
    """Member of a value that is JSON, such as `database.password`. Infisical's must be text: any other comes out empty."""
    version: Text | None = None
    """Version of the value; the newest by default."""
    decoding: Decoding = "None"
    """How the value is encoded there."""
    metadata: Literal["None", "Fetch"] = "None"
    """`Fetch` reads the value's tags instead of the value."""


class ExtractSpec(RemoteRef):
    """A value that is one JSON object: its members become keys."""

    conversion: Conversion = "Default"
    """What becomes of letters that no key of a Secret may have: `_`, or with `Unicode` their number."""


class FindSpec(Strict):
    """Every value that fits."""

    name: Text | None = None
    """Regular expression (RE2) that the key matches somewhere."""
    path: Text | None = None
    """Beginning of the key."""
    tags: dict[str, str] = {}
    """Tags that the value has. Not for Infisical."""
    decoding: Decoding = "None"
    """How the values are encoded there."""
    conversion: Conversion = "Default"
    """What becomes of letters that no key of a Secret may have: `_`, or with `Unicode` their number."""


class RegexpRewrite(Strict):
    """Renames keys."""

    source: Text
    """Regular expression (RE2) for what is replaced."""
    target: str
    """What it is replaced by; `$1` is the first group."""


class TransformRewrite(Strict):
    """Renames keys by a template."""

    template: Text
    """Go template; `.value` is the key."""


class MergeRewrite(Strict):
    """Makes one set of the JSON objects that were found."""

    into: Text | None = None
    """Key that holds the whole as JSON. Needed with the strategy `JSON`."""
    priority: list[str] = []
    """Keys in the order in which later ones win."""
    priority_policy: Literal["Strict", "IgnoreNotFound"] = "Strict"
    """Whether every key of `priority` has to be there."""
    conflict_policy: Literal["Error", "Ignore"] = "Error"
    """What happens when two objects have one member."""
    strategy: Literal["Extract", "JSON"] = "Extract"
    """Members become keys, or stay together as JSON."""

    @model_validator(mode="after")
    def _key_of_json(self) -> Self:
        if (self.strategy == "JSON") != (self.into is not None):
            raise ValueError(
                "`strategy: JSON` needs `into`" if self.into is None else "`into` does nothing without `strategy: JSON`"
            )
        return self


class RewriteSpec(Strict):
    """One step: exactly one of `regexp`, `transform` and `merge`."""

    regexp: RegexpRewrite | None = None
    """Renames keys by a regular expression."""
    transform: TransformRewrite | None = None
    """Renames keys by a template."""
    merge: MergeRewrite | None = None
    """Makes one set of several objects."""

    @model_validator(mode="after")
    def _one_step(self) -> Self:
        exactly_one(self, ("regexp", "transform", "merge"))
        return self


class DataFrom(Strict):
    """Many values at once: exactly one of `extract` and `find`."""

    extract: ExtractSpec | None = None
    """Members of one JSON object."""
    find: FindSpec | None = None
    """Every value that fits; without a key in it: every value of the store."""
    rewrite: list[RewriteSpec] = []
    """What becomes of the keys, step by step."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        exactly_one(self, ("extract", "find"))
        return self
