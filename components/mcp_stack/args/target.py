"""What arguments consist of: target. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class SyncWindowArgs(TypedDict):
    """A time that begins again and again."""

    schedule: str
    """When it begins: five fields of cron in UTC, such as `0 22 * * 1-5`, or `@daily`."""
    duration: str
    """How long it lasts: `8h`."""


class SyncWindowsArgs(TypedDict):
    """Times at which alone, or at which never, values are read again. The first read waits for none."""

    kind: str
    """`allow`: only while one of them lasts. `deny`: never while one does."""
    windows: list[SyncWindowArgs]
    """The times."""


class RefreshArgs(TypedDict):
    """When a store is read again."""

    interval: NotRequired[str]
    """Time between two reads."""
    policy: NotRequired[str]
    """`OnChange` reads when this declaration changes, `CreatedOnce` never again; `interval` does nothing for them."""
    sync_windows: NotRequired[SyncWindowsArgs]
    """Times at which alone, or at which never, that happens (External Secrets 2.9 and later)."""


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
    registry: NotRequired[str]
    """Host of a registry: the Secret becomes one that images are pulled with, of the values `username` and `password`. Name it in
    `image.pull_secrets`, or in `image.registries`."""
