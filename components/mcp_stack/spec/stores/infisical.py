"""Infisical by External Secrets: https://external-secrets.io/latest/provider/infisical/."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict, Url

from .credentials import CertificateAuthority, CredentialSpec, exactly_one

Slug = Annotated[str, Field(min_length=1)]
SecretPath = Annotated[str, Field(pattern=r"^/")]


class InfisicalUniversalAuth(Strict):
    """A machine identity's client."""

    client_id: CredentialSpec
    """Client id."""
    client_secret: CredentialSpec
    """Client secret."""


class InfisicalAzureAuth(Strict):
    """The controller's Azure identity."""

    identity_id: CredentialSpec
    """Machine identity."""
    resource: CredentialSpec | None = None
    """Resource that the token is for; Azure's management API by default."""


class InfisicalIdentity(Strict):
    """The controller's own identity in its cloud."""

    identity_id: CredentialSpec
    """Machine identity."""


class InfisicalGcpIamAuth(Strict):
    """A Google service account's key, mounted into the controller."""

    identity_id: CredentialSpec
    """Machine identity."""
    service_account_key_file_path: CredentialSpec
    """Path of the key's file within the controller's pod."""


class InfisicalJwtAuth(Strict):
    """A token of an issuer that Infisical trusts."""

    identity_id: CredentialSpec
    """Machine identity."""
    jwt: CredentialSpec
    """The token."""


class InfisicalLdapAuth(Strict):
    """A user of a directory."""

    identity_id: CredentialSpec
    """Machine identity."""
    ldap_username: CredentialSpec
    """User's name."""
    ldap_password: CredentialSpec
    """User's password."""


class InfisicalOciAuth(Strict):
    """A user of Oracle's cloud."""

    identity_id: CredentialSpec
    """Machine identity."""
    private_key: CredentialSpec
    """API key in PEM."""
    private_key_passphrase: CredentialSpec | None = None
    """Passphrase of the key."""
    fingerprint: CredentialSpec
    """Fingerprint of the key."""
    user_id: CredentialSpec
    """OCID of the user."""
    tenancy_id: CredentialSpec
    """OCID of the tenancy."""
    region: CredentialSpec
    """Region."""


class InfisicalKubernetesAuth(Strict):
    """The controller pod's own token: all stores of a controller are one identity to Infisical."""

    identity_id: CredentialSpec
    """Machine identity."""
    service_account_token_path: CredentialSpec | None = None
    """Path of the token within the controller's pod; Kubernetes' usual one by default."""


class InfisicalTokenAuth(Strict):
    """A token as it is."""

    access_token: CredentialSpec
    """The token."""


class InfisicalAuth(Strict):
    """How the controller logs in: exactly one method."""

    universal: InfisicalUniversalAuth | None = None
    """A machine identity's client id and secret."""
    azure: InfisicalAzureAuth | None = None
    """The controller's Azure identity."""
    gcp_id_token: InfisicalIdentity | None = None
    """The controller's Google identity."""
    gcp_iam: InfisicalGcpIamAuth | None = None
    """A Google service account's key."""
    jwt: InfisicalJwtAuth | None = None
    """A token of another issuer."""
    ldap: InfisicalLdapAuth | None = None
    """A directory's user."""
    oci: InfisicalOciAuth | None = None
    """An Oracle user's API key."""
    kubernetes: InfisicalKubernetesAuth | None = None
    """The controller's ServiceAccount."""
    aws: InfisicalIdentity | None = None
    """The controller's AWS identity."""
    token: InfisicalTokenAuth | None = None
    """An access token."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, tuple(type(self).model_fields))
        return self


class InfisicalStoreSpec(Strict):
    """A project of Infisical."""

    api: Url = "https://app.infisical.com/api"
    """The API of the installation, `/api` included."""
    project: Slug
    """Slug of the project."""
    environment: Slug | None = None
    """Slug of the environment; the stack's environment by default."""
    path: SecretPath = "/"
    """Folder that keys without a leading slash are looked up in, and that `find` searches."""
    recursive: bool = False
    """`find` sees the folders below, too."""
    expand_references: bool = True
    """`${OTHER}` in a value is replaced by what it refers to."""
    organization: Slug | None = None
    """Slug of a sub-organization."""
    ca: CertificateAuthority | None = None
    """Whose certificates to trust, beside the public ones."""
    auth: InfisicalAuth
    """How the controller logs in."""
