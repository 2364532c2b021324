"""What arguments consist of: target. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


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
