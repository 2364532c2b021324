"""What arguments consist of: infisical_operator. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import CredentialArgs, ServiceAccountRefArgs
from .infisical import InfisicalIdentityArgs, InfisicalUniversalAuthArgs


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
