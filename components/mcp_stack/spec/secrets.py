"""Who reads a secret says `{secret: name}`; where its value comes from is said once, in `secrets`. No value stands here."""

from pathlib import PurePosixPath
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict

from .names import ALL_KEYS, DnsName, SecretName, SecretReference


class SecretRef(Strict):
    """The value of a declared secret."""

    secret: SecretReference
    """Its name in `secrets` of the server or of the stack; `name/KEY` for one value of a set."""


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
    secret: SecretReference | None = None
    """Name of a declared secret, `name/KEY` for one value of a set. Its directory is mounted whole, so that a rotated value
    appears without a restart. `name/*`: the path is a directory with a file for each key of the set."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.content is None) == (self.secret is None):
            raise ValueError("give either `content` or `secret`")
        return self

    @property
    def is_directory(self) -> bool:
        """Whether it is a whole set of secrets."""
        return self.secret is not None and self.secret.endswith(f"/{ALL_KEYS}")

    def directory(self, path: str) -> str:
        """What is mounted for it at `path`."""
        return path if self.is_directory else str(PurePosixPath(path).parent)


class EnvFrom(Strict):
    """All keys of one object as variables: exactly one of `secret`, `existing_secret` and `existing_config_map`."""

    secret: SecretName | None = None
    """Name of a declared set of secrets."""
    existing_secret: DnsName | None = None
    """Secret in the stack's namespace that somebody else provides."""
    existing_config_map: DnsName | None = None
    """ConfigMap in the stack's namespace that somebody else provides."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    """Put before every key."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(one is not None for one in (self.secret, self.existing_secret, self.existing_config_map)) != 1:
            raise ValueError("give either `secret`, `existing_secret` or `existing_config_map`")
        return self
