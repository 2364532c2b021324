"""What arguments say about secrets. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

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


class RefreshArgs(TypedDict):
    """When a store is read again."""

    interval: NotRequired[str]
    """Time between two reads."""
    policy: NotRequired[str]
    """`OnChange` reads when this declaration changes, `CreatedOnce` never again; `interval` does nothing for them."""


class TemplateSourceArgs(TypedDict):
    """A template from elsewhere: exactly one of `literal`, `existing_config_map` and `existing_secret`."""

    literal: NotRequired[str]
    """Template that yields lines `key: value`."""
    existing_config_map: NotRequired[str]
    """ConfigMap in the stack's namespace that holds templates."""
    existing_secret: NotRequired[str]
    """Secret in the stack's namespace that holds templates."""
    keys: NotRequired[list[str]]
    """Which keys of it are templates."""
    keys_and_values: NotRequired[bool]
    """Each template yields lines `key: value`; otherwise it yields the value of its own key."""
    target: NotRequired[str]
    """What of the Secret they make."""


class TemplateArgs(TypedDict):
    """What is made of the values (Go templates, engine v2 of External Secrets): `{{ .KEY }}` is one of them."""

    type: NotRequired[str]
    """Type of the Secret; Opaque by default."""
    data: NotRequired[dict[str, str]]
    """Keys of the Secret, and the template of each."""
    sources: NotRequired[list[TemplateSourceArgs]]
    """Further templates."""
    merge_policy: NotRequired[str]
    """Whether the values themselves stay beside what the templates make."""
    labels: NotRequired[dict[str, str]]
    """Labels of the Secret."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the Secret."""


class TargetArgs(TypedDict):
    """The Secret that is written."""

    name: NotRequired[str]
    """Its name; `{stack}-{server or shared}.{secret}` by default."""
    creation: NotRequired[str]
    """`Owner`: made, and gone with this declaration. `Orphan`: made, and kept. `Merge`: somebody else's, and completed."""
    deletion: NotRequired[str]
    """What happens when the values are gone from the store: the Secret stays as it is, is deleted, or loses these keys."""
    template: NotRequired[TemplateArgs]
    """What is made of the values first; by default they are taken as they are."""


class SecretArgs(TypedDict):
    """Where a secret's value comes from: exactly one of `config`, `existing` and `store`. From a store comes one value (`remote`)
    or a set of them (`data`, `data_from`)."""

    config: NotRequired[str]
    """Encrypted key of the stack file, set with `pulumi config set --secret github-token`. We create the Secret."""
    existing: NotRequired[str]
    """Secret in the stack's namespace that somebody else provides."""
    key: NotRequired[str]
    """Key within `existing`."""
    store: NotRequired[str]
    """Name in `secret_stores`. Its controller writes the Secret, and keeps it up to date."""
    remote: NotRequired[RemoteRefArgs]
    """The one value of it."""
    data: NotRequired[dict[str, RemoteRefArgs]]
    """Values by the key that each has in the Secret. Who reads one says `{secret: name/KEY}`."""
    data_from: NotRequired[list[DataFromArgs]]
    """Many values at once, under the keys that the store has for them."""
    refresh: NotRequired[RefreshArgs]
    """When the store is read again."""
    target: NotRequired[TargetArgs]
    """The Secret that is written."""
