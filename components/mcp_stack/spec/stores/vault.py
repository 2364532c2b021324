"""HashiCorp Vault and OpenBao by External Secrets: https://external-secrets.io/latest/provider/hashicorp-vault/."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict, Url
from mcp_stack_proxy.config.amounts import NO_BOOL

from .aws import AwsKeys, Region, RoleArn
from .credentials import CertificateAuthority, CredentialSpec, ServiceAccountRef, exactly_one

Text = Annotated[str, Field(min_length=1)]


class VaultAppRole(Strict):
    """An AppRole: exactly one of `role_id` and `role_id_from`."""

    path: Text = "approle"
    """Where the method is mounted."""
    role_id: Text | None = None
    """Id of the role, which is no secret."""
    role_id_from: CredentialSpec | None = None
    """Id of the role, from a Secret."""
    secret_id: CredentialSpec
    """Its secret."""

    @model_validator(mode="after")
    def _one_id(self) -> Self:
        exactly_one(self, ("role_id", "role_id_from"))
        return self


class VaultKubernetes(Strict):
    """A Kubernetes account: `service_account` or `token`, the controller's own by default."""

    path: Text = "kubernetes"
    """Where the method is mounted."""
    role: Text
    """Role of Vault."""
    service_account: ServiceAccountRef | None = None
    """Account whose token is shown."""
    token: CredentialSpec | None = None
    """A token as it is."""

    @model_validator(mode="after")
    def _one_account(self) -> Self:
        if self.service_account is not None and self.token is not None:
            raise ValueError("`service_account` and `token` exclude each other; remove one of them")
        return self


class VaultJwt(Strict):
    """A token of an issuer that Vault trusts: exactly one of `token` and `service_account`."""

    path: Text = "jwt"
    """Where the method is mounted."""
    role: Text | None = None
    """Role of Vault; the mount's own by default."""
    token: CredentialSpec | None = None
    """The token."""
    service_account: ServiceAccountRef | None = None
    """Account that a token is asked for."""
    expiration_seconds: Annotated[int, Field(ge=600), NO_BOOL] | None = None
    """How long the account's token is good for; ten minutes by default."""

    @model_validator(mode="after")
    def _one_token(self) -> Self:
        if exactly_one(self, ("token", "service_account")) == "token" and self.expiration_seconds is not None:
            raise ValueError("`expiration_seconds` does nothing beside `token`")
        return self


class VaultLdap(Strict):
    """A user of a directory."""

    path: Text = "ldap"
    """Where the method is mounted."""
    username: Text
    """User's name."""
    password: CredentialSpec
    """User's password."""


class VaultUserPass(Strict):
    """A user of Vault."""

    path: Text = "userpass"
    """Where the method is mounted."""
    username: Text
    """User's name."""
    password: CredentialSpec
    """User's password."""


class VaultCert(Strict):
    """A client certificate."""

    path: Text = "cert"
    """Where the method is mounted."""
    role: Text | None = None
    """Role of Vault; whichever matches by default."""
    certificate: CredentialSpec
    """The certificate in PEM."""
    key: CredentialSpec
    """Its key in PEM."""


class VaultIam(Strict):
    """An identity of AWS: `keys` or `service_account`, the controller's own by default."""

    path: Text = "aws"
    """Where the method is mounted."""
    vault_role: Text
    """Role of Vault."""
    region: Region | None = None
    """Region of AWS."""
    role: RoleArn | None = None
    """Role of AWS to assume."""
    server_id: Text | None = None
    """Value of the header X-Vault-AWS-IAM-Server-ID."""
    keys: AwsKeys | None = None
    """An access key."""
    service_account: ServiceAccountRef | None = None
    """Account whose annotation names a role of AWS (IRSA)."""

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        if self.keys is not None and self.service_account is not None:
            raise ValueError("`keys` and `service_account` exclude each other; remove one of them")
        return self


class VaultAuth(Strict):
    """How the controller logs in: exactly one method."""

    app_role: VaultAppRole | None = None
    """An AppRole."""
    kubernetes: VaultKubernetes | None = None
    """A Kubernetes account."""
    jwt: VaultJwt | None = None
    """A token of another issuer."""
    token: CredentialSpec | None = None
    """A token of Vault as it is."""
    ldap: VaultLdap | None = None
    """A directory's user."""
    user_pass: VaultUserPass | None = None
    """A user of Vault."""
    cert: VaultCert | None = None
    """A client certificate."""
    iam: VaultIam | None = None
    """An identity of AWS."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, tuple(type(self).model_fields))
        return self


class VaultTls(Strict):
    """A client certificate for the connection itself."""

    certificate: CredentialSpec
    """The certificate in PEM."""
    key: CredentialSpec
    """Its key in PEM."""


class VaultStoreSpec(Strict):
    """A key-value engine of Vault."""

    server: Url
    """Address of the server."""
    path: Text | None = None
    """Where the engine is mounted; otherwise every key starts with it."""
    version: Literal["v1", "v2"] = "v2"
    """Version of the engine."""
    namespace: Text | None = None
    """Namespace of Vault Enterprise."""
    ca: CertificateAuthority | None = None
    """Whose certificates to trust, beside the public ones."""
    tls: VaultTls | None = None
    """Certificate of the controller."""
    auth: VaultAuth
    """How the controller logs in."""
