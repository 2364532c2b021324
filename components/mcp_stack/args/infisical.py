"""What arguments say about Infisical. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import (
    CertificateAuthorityArgs,
    CredentialArgs,
    ServiceAccountRefArgs,
)


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


class OperatorCertificateArgs(TypedDict):
    """A Secret that holds certificates."""

    existing: str
    """Name of the Secret."""
    key: str
    """Key within it."""
    namespace: NotRequired[str]
    """Its namespace; the stack's by default."""


class OperatorKubernetesAuthArgs(TypedDict):
    """An account of the cluster: unlike with External Secrets, each store may have its own."""

    identity_id: CredentialArgs
    """Machine identity."""
    service_account: ServiceAccountRefArgs
    """The account, in the stack's namespace unless it names another."""


class OperatorAzureAuthArgs(TypedDict):
    """The operator's Azure identity."""

    identity_id: CredentialArgs
    """Machine identity."""
    resource: NotRequired[str]
    """Resource that the token is for; Azure's management API by default."""


class OperatorGcpIamAuthArgs(TypedDict):
    """A Google service account's key, mounted into the operator."""

    identity_id: CredentialArgs
    """Machine identity."""
    service_account_key_file_path: str
    """Path of the key's file within the operator's pod."""


class OperatorLdapAuthArgs(TypedDict):
    """A user of a directory."""

    identity_id: CredentialArgs
    """Machine identity."""
    username: CredentialArgs
    """User's name."""
    password: CredentialArgs
    """User's password."""


class OperatorAuthArgs(TypedDict):
    """How the operator logs in: exactly one method."""

    universal: NotRequired[InfisicalUniversalAuthArgs]
    """A machine identity's client id and secret."""
    kubernetes: NotRequired[OperatorKubernetesAuthArgs]
    """An account of the cluster."""
    aws_iam: NotRequired[InfisicalIdentityArgs]
    """The operator's AWS identity."""
    azure: NotRequired[OperatorAzureAuthArgs]
    """The operator's Azure identity."""
    gcp_id_token: NotRequired[InfisicalIdentityArgs]
    """The operator's Google identity."""
    gcp_iam: NotRequired[OperatorGcpIamAuthArgs]
    """A Google service account's key."""
    ldap: NotRequired[OperatorLdapAuthArgs]
    """A directory's user."""


class InfisicalOperatorArgs(TypedDict):
    """A project of Infisical, by InfisicalConnection, InfisicalAuth and InfisicalStaticSecret: exactly one of `project` and
    `project_id`."""

    address: NotRequired[str]
    """Address of the installation."""
    project: NotRequired[str]
    """Slug of the project."""
    project_id: NotRequired[str]
    """Id of the project."""
    environment: NotRequired[str]
    """Slug of the environment; the stack's environment by default."""
    path: NotRequired[str]
    """Folder that keys without a leading slash are looked up in."""
    recursive: NotRequired[bool]
    """The folders below belong to it, too."""
    tags: NotRequired[list[str]]
    """Only secrets with one of these tags."""
    instant_updates: NotRequired[bool]
    """Infisical tells of changes, so that the operator need not wait for the next refresh."""
    ca: NotRequired[OperatorCertificateArgs]
    """Whose certificates to trust, beside the public ones."""
    auth: OperatorAuthArgs
    """How the operator logs in."""
