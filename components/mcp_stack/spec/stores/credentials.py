"""What a store's controller logs in with, by reference: no value stands here."""

import base64
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from mcp_stack_proxy.config import Strict

from ..names import DnsLabel, DnsName, SecretKey

ConfigKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")]
"""Encrypted key of the stack file."""


def exactly_one(model: BaseModel, keys: Sequence[str]) -> str:
    """The one of `keys` that `model` has; ValueError for none and for several."""
    given = [key for key in keys if getattr(model, key) is not None]
    if len(given) != 1:
        named = " and ".join(f"`{key}`" for key in given) or "none"
        raise ValueError(f"give exactly one of {', '.join(f'`{key}`' for key in keys)}; {named} given")
    return given[0]


class CredentialSpec(Strict):
    """A value that the controller reads from a Secret: exactly one of `config` and `existing`."""

    config: ConfigKey | None = None
    """Encrypted key of the stack file, set with `pulumi config set --secret KEY`. We create the Secret."""
    existing: DnsName | None = None
    """Secret that somebody else provides."""
    key: SecretKey | None = None
    """Key within `existing`."""
    namespace: DnsLabel | None = None
    """Namespace of `existing`. Required where the store is cluster-wide; any other store reads its own namespace alone."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        exactly_one(self, ("config", "existing"))
        if self.existing is not None and self.key is None:
            raise ValueError("`existing` needs a `key`")
        for name in ("key", "namespace"):
            if self.config is not None and getattr(self, name) is not None:
                raise ValueError(f"`{name}` does nothing beside `config`")
        return self


class ServiceAccountRef(Strict):
    """An account whose token the controller asks for."""

    name: DnsName
    """Name of the ServiceAccount."""
    namespace: DnsLabel | None = None
    """Its namespace. Required where the store is cluster-wide; any other store uses its own namespace alone."""
    audiences: list[str] = []
    """Further audiences of the token."""


def _base64(text: str) -> str:
    """A certificate in PEM as base64, which the API takes; base64 stays."""
    if text.lstrip().startswith("-----BEGIN"):
        return base64.b64encode(text.encode()).decode()
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("is neither a certificate in PEM (`-----BEGIN CERTIFICATE-----`) nor that in base64") from None
    return text


class CertificateAuthority(Strict):
    """Whose certificates a store's server may show: exactly one of `bundle`, `existing_secret` and `existing_config_map`."""

    bundle: Annotated[str, Field(min_length=1), AfterValidator(_base64)] | None = None
    """Certificates as PEM, or that in base64."""
    existing_secret: DnsName | None = None
    """Secret that holds them."""
    existing_config_map: DnsName | None = None
    """ConfigMap that holds them."""
    key: SecretKey | None = None
    """Key within the Secret or ConfigMap."""
    namespace: DnsLabel | None = None
    """Its namespace. Required where the store is cluster-wide; any other store reads its own namespace alone."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = exactly_one(self, ("bundle", "existing_secret", "existing_config_map"))
        if given != "bundle" and self.key is None:
            raise ValueError(f"`{given}` needs a `key`")
        for name in ("key", "namespace"):
            if given == "bundle" and getattr(self, name) is not None:
                raise ValueError(f"`{name}` does nothing beside `bundle`")
        return self


Referring = CredentialSpec | ServiceAccountRef | CertificateAuthority
"""What a store refers to outside of itself."""


def referred(model: Any) -> Iterator[tuple[tuple[str, ...], Referring]]:
    """Every reference within `model`, with the keys that lead to it."""
    for name in type(model).model_fields if isinstance(model, BaseModel) else ():
        value = getattr(model, name)
        if isinstance(value, Referring):
            yield (name,), value
        else:
            yield from (((name, *path), found) for path, found in referred(value))
