"""What arguments consist of: vault. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .aws import AwsKeysArgs
from .credentials import CertificateAuthorityArgs, CredentialArgs, ServiceAccountRefArgs


class VaultTlsArgs(TypedDict):
    """A client certificate for the connection itself."""

    certificate: CredentialArgs
    """The certificate in PEM."""
    key: CredentialArgs
    """Its key in PEM."""


class VaultAppRoleArgs(TypedDict):
    """An AppRole: exactly one of `role_id` and `role_id_from`."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role_id: NotRequired[str]
    """Id of the role, which is no secret."""
    role_id_from: NotRequired[CredentialArgs]
    """Id of the role, from a Secret."""
    secret_id: CredentialArgs
    """Its secret."""


class VaultKubernetesArgs(TypedDict):
    """A Kubernetes account: `service_account` or `token`, the controller's own by default."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role: str
    """Role of Vault."""
    service_account: NotRequired[ServiceAccountRefArgs]
    """Account whose token is shown."""
    token: NotRequired[CredentialArgs]
    """A token as it is."""


class VaultJwtArgs(TypedDict):
    """A token of an issuer that Vault trusts: exactly one of `token` and `service_account`."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role: NotRequired[str]
    """Role of Vault; the mount's own by default."""
    token: NotRequired[CredentialArgs]
    """The token."""
    service_account: NotRequired[ServiceAccountRefArgs]
    """Account that a token is asked for."""
    expiration_seconds: NotRequired[int]
    """How long the account's token is good for; ten minutes by default."""


class VaultLdapArgs(TypedDict):
    """A user of a directory."""

    path: NotRequired[str]
    """Where the method is mounted."""
    username: str
    """User's name."""
    password: CredentialArgs
    """User's password."""


class VaultUserPassArgs(TypedDict):
    """A user of Vault."""

    path: NotRequired[str]
    """Where the method is mounted."""
    username: str
    """User's name."""
    password: CredentialArgs
    """User's password."""


class VaultCertArgs(TypedDict):
    """A client certificate."""

    path: NotRequired[str]
    """Where the method is mounted."""
    role: NotRequired[str]
    """Role of Vault; whichever matches by default."""
    certificate: CredentialArgs
    """The certificate in PEM."""
    key: CredentialArgs
    """Its key in PEM."""


class VaultIamArgs(TypedDict):
    """An identity of AWS: `keys` or `service_account`, the controller's own by default."""

    path: NotRequired[str]
    """Where the method is mounted."""
    vault_role: str
    """Role of Vault."""
    region: NotRequired[str]
    """Region of AWS."""
    role: NotRequired[str]
    """Role of AWS to assume."""
    server_id: NotRequired[str]
    """Value of the header X-Vault-AWS-IAM-Server-ID."""
    keys: NotRequired[AwsKeysArgs]
    """An access key."""
    service_account: NotRequired[ServiceAccountRefArgs]
    """Account whose annotation names a role of AWS (IRSA)."""


class VaultAuthArgs(TypedDict):
    """How the controller logs in: exactly one method."""

    app_role: NotRequired[VaultAppRoleArgs]
    """An AppRole."""
    kubernetes: NotRequired[VaultKubernetesArgs]
    """A Kubernetes account."""
    jwt: NotRequired[VaultJwtArgs]
    """A token of another issuer."""
    token: NotRequired[CredentialArgs]
    """A token of Vault as it is."""
    ldap: NotRequired[VaultLdapArgs]
    """A directory's user."""
    user_pass: NotRequired[VaultUserPassArgs]
    """A user of Vault."""
    cert: NotRequired[VaultCertArgs]
    """A client certificate."""
    iam: NotRequired[VaultIamArgs]
    """An identity of AWS."""


class VaultStoreArgs(TypedDict):
    """A key-value engine of Vault."""

    server: str
    """Address of the server."""
    path: NotRequired[str]
    """Where the engine is mounted; otherwise every key starts with it."""
    version: NotRequired[str]
    """Version of the engine."""
    namespace: NotRequired[str]
    """Namespace of Vault Enterprise."""
    ca: NotRequired[CertificateAuthorityArgs]
    """Whose certificates to trust, beside the public ones."""
    tls: NotRequired[VaultTlsArgs]
    """Certificate of the controller."""
    auth: VaultAuthArgs
    """How the controller logs in."""
