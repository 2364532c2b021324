"""What arguments consist of: remote. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class RemoteRefArgs(TypedDict):
    """One value of a store."""

    key: str
    """Its key there. Infisical: `KEY`, or `/folder/KEY`; Secrets Manager: the secret's name; Vault: the path."""
    property: NotRequired[str]
    """Member of a value that is JSON, such as `database.password`. Infisical's must be text: any other comes out empty."""
    version: NotRequired[str]
    """Version of the value; the newest by default."""
    decoding: NotRequired[str]
    """How the value is encoded there."""
    metadata: NotRequired[str]
    """`Fetch` reads the value's tags instead of the value."""


class ExtractArgs(TypedDict):
    """A value that is one JSON object: its members become keys."""

    key: str
    """Its key there. Infisical: `KEY`, or `/folder/KEY`; Secrets Manager: the secret's name; Vault: the path."""
    property: NotRequired[str]
    """Member of a value that is JSON, such as `database.password`. Infisical's must be text: any other comes out empty."""
    version: NotRequired[str]
    """Version of the value; the newest by default."""
    decoding: NotRequired[str]
    """How the value is encoded there."""
    metadata: NotRequired[str]
    """`Fetch` reads the value's tags instead of the value."""
    conversion: NotRequired[str]
    """What becomes of letters that no key of a Secret may have: `_`, or with `Unicode` their number."""


class FindArgs(TypedDict):
    """Every value that fits."""

    name: NotRequired[str]
    """Regular expression (RE2) that the key matches somewhere."""
    path: NotRequired[str]
    """Beginning of the key."""
    tags: NotRequired[dict[str, str]]
    """Tags that the value has. Not for Infisical."""
    decoding: NotRequired[str]
    """How the values are encoded there."""
    conversion: NotRequired[str]
    """What becomes of letters that no key of a Secret may have: `_`, or with `Unicode` their number."""


class RegexpRewriteArgs(TypedDict):
    """Renames keys."""

    source: str
    """Regular expression (RE2) for what is replaced."""
    target: str
    """What it is replaced by; `$1` is the first group."""


class TransformRewriteArgs(TypedDict):
    """Renames keys by a template."""

    template: str
    """Go template; `.value` is the key."""


class MergeRewriteArgs(TypedDict):
    """Makes one set of the JSON objects that were found."""

    into: NotRequired[str]
    """Key that holds the whole as JSON. Needed with the strategy `JSON`."""
    priority: NotRequired[list[str]]
    """Keys in the order in which later ones win."""
    priority_policy: NotRequired[str]
    """Whether every key of `priority` has to be there."""
    conflict_policy: NotRequired[str]
    """What happens when two objects have one member."""
    strategy: NotRequired[str]
    """Members become keys, or stay together as JSON."""


class RewriteArgs(TypedDict):
    """One step: exactly one of `regexp`, `transform` and `merge`."""

    regexp: NotRequired[RegexpRewriteArgs]
    """Renames keys by a regular expression."""
    transform: NotRequired[TransformRewriteArgs]
    """Renames keys by a template."""
    merge: NotRequired[MergeRewriteArgs]
    """Makes one set of several objects."""


class DataFromArgs(TypedDict):
    """Many values at once: exactly one of `extract` and `find`."""

    extract: NotRequired[ExtractArgs]
    """Members of one JSON object."""
    find: NotRequired[FindArgs]
    """Every value that fits; without a key in it: every value of the store."""
    rewrite: NotRequired[list[RewriteArgs]]
    """What becomes of the keys, step by step."""
