"""Infisical by its own operator, secrets.infisical.com/v1beta1: https://infisical.com/docs/integrations/platforms/kubernetes."""

from typing import Self

from pydantic import model_validator

from mcp_stack_proxy.config import Strict, Url

from ..names import DnsLabel, DnsName, SecretKey
from .credentials import CredentialSpec, ServiceAccountRef, exactly_one
from .infisical import InfisicalIdentity, InfisicalUniversalAuth, SecretPath, Slug


class OperatorKubernetesAuth(Strict):
    """An account of the cluster: unlike with External Secrets, each store may have its own."""

    identity_id: CredentialSpec
    """Machine identity."""
    service_account: ServiceAccountRef
    """The account, in the stack's namespace unless it names another."""


class OperatorAzureAuth(Strict):
    """The operator's Azure identity."""

    identity_id: CredentialSpec
    """Machine identity."""
    resource: Slug | None = None
    """Resource that the token is for; Azure's management API by default."""


class OperatorGcpIamAuth(Strict):
    """A Google service account's key, mounted into the operator."""

    identity_id: CredentialSpec
    """Machine identity."""
    service_account_key_file_path: SecretPath
    """Path of the key's file within the operator's pod."""


class OperatorLdapAuth(Strict):
    """A user of a directory."""

    identity_id: CredentialSpec
    """Machine identity."""
    username: CredentialSpec
    """User's name."""
    password: CredentialSpec
    """User's password."""


class OperatorAuth(Strict):
    """How the operator logs in: exactly one method."""

    universal: InfisicalUniversalAuth | None = None
    """A machine identity's client id and secret."""
    kubernetes: OperatorKubernetesAuth | None = None
    """An account of the cluster."""
    aws_iam: InfisicalIdentity | None = None
    """The operator's AWS identity."""
    azure: OperatorAzureAuth | None = None
    """The operator's Azure identity."""
    gcp_id_token: InfisicalIdentity | None = None
    """The operator's Google identity."""
    gcp_iam: OperatorGcpIamAuth | None = None
    """A Google service account's key."""
    ldap: OperatorLdapAuth | None = None
    """A directory's user."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, tuple(type(self).model_fields))
        return self


class OperatorCertificate(Strict):
    """A Secret that holds certificates."""

    existing: DnsName
    """Name of the Secret."""
    key: SecretKey
    """Key within it."""
    namespace: DnsLabel | None = None
    """Its namespace; the stack's by default."""


class InfisicalOperatorSpec(Strict):
    """A project of Infisical, by InfisicalConnection, InfisicalAuth and InfisicalStaticSecret: exactly one of `project` and
    `project_id`."""

    address: Url = "https://app.infisical.com"
    """Address of the installation."""
    project: Slug | None = None
    """Slug of the project."""
    project_id: Slug | None = None
    """Id of the project."""
    environment: Slug | None = None
    """Slug of the environment; the stack's environment by default."""
    path: SecretPath = "/"
    """Folder that keys without a leading slash are looked up in."""
    recursive: bool = False
    """The folders below belong to it, too."""
    tags: list[Slug] = []
    """Only secrets with one of these tags."""
    instant_updates: bool = False
    """Infisical tells of changes, so that the operator need not wait for the next refresh."""
    ca: OperatorCertificate | None = None
    """Whose certificates to trust, beside the public ones."""
    auth: OperatorAuth
    """How the operator logs in."""

    @model_validator(mode="after")
    def _one_project(self) -> Self:
        exactly_one(self, ("project", "project_id"))
        return self
