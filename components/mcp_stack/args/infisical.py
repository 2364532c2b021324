"""What arguments consist of: infisical. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import CertificateAuthorityArgs, CredentialArgs


class InfisicalUniversalAuthArgs(TypedDict):
    """A machine identity's client."""

    client_id: CredentialArgs
    """Client id."""
    client_secret: CredentialArgs
    """Client secret."""


class InfisicalAzureAuthArgs(TypedDict):
    """The controller's Azure identity."""

    identity_id: CredentialArgs
    """Machine identity."""
    resource: NotRequired[CredentialArgs]
    """Resource that the token is for; Azure's management API by default."""


class InfisicalIdentityArgs(TypedDict):
    """The controller's own identity in its cloud."""

    identity_id: CredentialArgs
    """Machine identity."""


class InfisicalGcpIamAuthArgs(TypedDict):
    """A Google service account's key, mounted into the controller."""

    identity_id: CredentialArgs
    """Machine identity."""
    service_account_key_file_path: CredentialArgs
    """Path of the key's file within the controller's pod."""


class InfisicalJwtAuthArgs(TypedDict):
    """A token of an issuer that Infisical trusts."""

    identity_id: CredentialArgs
    """Machine identity."""
    jwt: CredentialArgs
    """The token."""


class InfisicalLdapAuthArgs(TypedDict):
    """A user of a directory."""

    identity_id: CredentialArgs
    """Machine identity."""
    ldap_username: CredentialArgs
    """User's name."""
    ldap_password: CredentialArgs
    """User's password."""


class InfisicalOciAuthArgs(TypedDict):
    """A user of Oracle's cloud."""

    identity_id: CredentialArgs
    """Machine identity."""
    private_key: CredentialArgs
    """API key in PEM."""
    private_key_passphrase: NotRequired[CredentialArgs]
    """Passphrase of the key."""
    fingerprint: CredentialArgs
    """Fingerprint of the key."""
    user_id: CredentialArgs
    """OCID of the user."""
    tenancy_id: CredentialArgs
    """OCID of the tenancy."""
    region: CredentialArgs
    """Region."""


class InfisicalKubernetesAuthArgs(TypedDict):
    """The controller pod's own token: all stores of a controller are one identity to Infisical."""

    identity_id: CredentialArgs
    """Machine identity."""
    service_account_token_path: NotRequired[CredentialArgs]
    """Path of the token within the controller's pod; Kubernetes' usual one by default."""


class InfisicalTokenAuthArgs(TypedDict):
    """A token as it is."""

    access_token: CredentialArgs
    """The token."""


class InfisicalAuthArgs(TypedDict):
    """How the controller logs in: exactly one method."""

    universal: NotRequired[InfisicalUniversalAuthArgs]
    """A machine identity's client id and secret."""
    azure: NotRequired[InfisicalAzureAuthArgs]
    """The controller's Azure identity."""
    gcp_id_token: NotRequired[InfisicalIdentityArgs]
    """The controller's Google identity."""
    gcp_iam: NotRequired[InfisicalGcpIamAuthArgs]
    """A Google service account's key."""
    jwt: NotRequired[InfisicalJwtAuthArgs]
    """A token of another issuer."""
    ldap: NotRequired[InfisicalLdapAuthArgs]
    """A directory's user."""
    oci: NotRequired[InfisicalOciAuthArgs]
    """An Oracle user's API key."""
    kubernetes: NotRequired[InfisicalKubernetesAuthArgs]
    """The controller's ServiceAccount."""
    aws: NotRequired[InfisicalIdentityArgs]
    """The controller's AWS identity."""
    token: NotRequired[InfisicalTokenAuthArgs]
    """An access token."""


class InfisicalStoreArgs(TypedDict):
    """A project of Infisical."""

    api: NotRequired[str]
    """The API of the installation, `/api` included."""
    project: str
    """Slug of the project."""
    environment: NotRequired[str]
    """Slug of the environment; the stack's environment by default."""
    path: NotRequired[str]
    """Folder that keys without a leading slash are looked up in, and that `find` searches."""
    recursive: NotRequired[bool]
    """`find` sees the folders below, too."""
    expand_references: NotRequired[bool]
    """`${OTHER}` in a value is replaced by what it refers to."""
    organization: NotRequired[str]
    """Slug of a sub-organization."""
    ca: NotRequired[CertificateAuthorityArgs]
    """Whose certificates to trust, beside the public ones."""
    auth: InfisicalAuthArgs
    """How the controller logs in."""
