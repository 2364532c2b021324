"""What arguments consist of: secrets. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class SecretArgs(TypedDict):
    """Where a secret's value comes from: exactly one of `config` and `existing`."""

    config: NotRequired[str]
    """Encrypted key of the stack file, set with `pulumi config set --secret github-token`. We create the Secret."""
    existing: NotRequired[str]
    """Secret in the stack's namespace that somebody else provides."""
    key: NotRequired[str]
    """Key within `existing`."""


class SecretRefArgs(TypedDict):
    """The value of a declared secret."""

    secret: str
    """Its name in `secrets` of the server or of the stack."""


class EnvFromArgs(TypedDict):
    """All keys of one existing object as variables: exactly one of `secret` and `config_map`."""

    existing_secret: NotRequired[str]
    """Secret in the stack's namespace that somebody else provides."""
    existing_config_map: NotRequired[str]
    """ConfigMap in the stack's namespace that somebody else provides."""
    prefix: NotRequired[str]
    """Put before every key."""


class FileArgs(TypedDict):
    """A file in the container: exactly one of `content` and `secret`."""

    content: NotRequired[str]
    """Its text, readable by all who see the stack."""
    secret: NotRequired[str]
    """Name of a declared secret. Its directory is mounted whole, so that a rotated value appears without a restart."""
