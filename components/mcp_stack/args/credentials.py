"""What arguments consist of: credentials. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class CertificateAuthorityArgs(TypedDict):
    """Whose certificates a store's server may show: exactly one of `bundle`, `existing_secret` and `existing_config_map`."""

    bundle: NotRequired[str]
    """Certificates as PEM, or that in base64."""
    existing_secret: NotRequired[str]
    """Secret that holds them."""
    existing_config_map: NotRequired[str]
    """ConfigMap that holds them."""
    key: NotRequired[str]
    """Key within the Secret or ConfigMap."""
    namespace: NotRequired[str]
    """Its namespace. Required where the store is cluster-wide; any other store reads its own namespace alone."""


class CredentialArgs(TypedDict):
    """A value that the controller reads from a Secret: exactly one of `config` and `existing`."""

    config: NotRequired[str]
    """Encrypted key of the stack file, set with `pulumi config set --secret KEY`. We create the Secret."""
    existing: NotRequired[str]
    """Secret that somebody else provides."""
    key: NotRequired[str]
    """Key within `existing`."""
    namespace: NotRequired[str]
    """Namespace of `existing`. Required where the store is cluster-wide; any other store reads its own namespace alone."""


class ServiceAccountRefArgs(TypedDict):
    """An account whose token the controller asks for."""

    name: str
    """Name of the ServiceAccount."""
    namespace: NotRequired[str]
    """Its namespace. Required where the store is cluster-wide; any other store uses its own namespace alone."""
    audiences: NotRequired[list[str]]
    """Further audiences of the token."""
