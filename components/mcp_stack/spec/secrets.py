"""Secrets by reference: where a value comes from is said once, who reads it says `{secret: name}`. No value stands here."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict

from .names import DnsLabel, DnsName, SecretKey


class SecretSpec(Strict):
    """Where a secret's value comes from: exactly one of `config` and `existing`."""

    config: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")] | None = None
    """Encrypted key of the stack file, set with `pulumi config set --secret github-token`. We create the Secret."""
    existing: DnsName | None = None
    """Secret in the stack's namespace that somebody else provides."""
    key: SecretKey | None = None
    """Key within `existing`."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.config is None) == (self.existing is None):
            raise ValueError("give either `config` (a key of the stack file) or `existing` with `key` (somebody else's Secret)")
        if (self.existing is None) != (self.key is None):
            raise ValueError("`existing` needs a `key`" if self.existing else "`key` does nothing beside `config`")
        return self


class SecretRef(Strict):
    """The value of a declared secret."""

    secret: DnsLabel
    """Its name in `secrets` of the server or of the stack."""


def _file_path(path: str) -> str:
    parts = path.split("/")
    if not path.startswith("/") or ":" in path or any(part in ("", ".", "..") for part in parts[1:]):
        raise ValueError(f"{path!r} is no path of a file in the container: absolute, normalised, without `:`")
    return path


AbsolutePath = Annotated[str, AfterValidator(_file_path)]


class FileSpec(Strict):
    """A file in the container: exactly one of `content` and `secret`."""

    content: str | None = None
    """Its text, readable by all who see the stack."""
    secret: DnsLabel | None = None
    """Name of a declared secret. Its directory is mounted whole, so that a rotated value appears without a restart."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.content is None) == (self.secret is None):
            raise ValueError("give either `content` or `secret`")
        return self


class EnvFrom(Strict):
    """All keys of one existing object as variables: exactly one of `secret` and `config_map`."""

    existing_secret: DnsName | None = None
    """Secret in the stack's namespace that somebody else provides."""
    existing_config_map: DnsName | None = None
    """ConfigMap in the stack's namespace that somebody else provides."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """Put before every key."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.existing_secret is None) == (self.existing_config_map is None):
            raise ValueError("give either `existing_secret` or `existing_config_map`")
        return self
