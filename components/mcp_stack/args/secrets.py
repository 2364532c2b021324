"""What arguments consist of: secrets. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class SecretRefArgs(TypedDict):
    """The value of a declared secret."""

    secret: str
    """Its name in `secrets` of the server or of the stack; `name/KEY` for one value of a set."""


class EnvFromArgs(TypedDict):
    """All keys of one object as variables: exactly one of `secret`, `existing_secret` and `existing_config_map`."""

    secret: NotRequired[str]
    """Name of a declared set of secrets."""
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
    """Name of a declared secret, `name/KEY` for one value of a set. Its directory is mounted whole, so that a rotated value appears
    without a restart. `name/*`: the path is a directory with a file for each key of the set."""
