"""Where values come from that nobody keeps: passwords, and tokens of registries (generators.external-secrets.io/v1alpha1).

https://external-secrets.io/latest/guides/generator/.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from ..names import DnsName, SecretKey
from .aws import AwsAuth, Region, RoleArn
from .azure import AzureManagedIdentity, Text
from .credentials import CredentialSpec, ServiceAccountRef, exactly_one
from .gcp import GcpAuth

Some = Annotated[int, Field(ge=0, le=1024), NO_BOOL]


class PasswordSpec(Strict):
    """Passwords that the controller draws."""

    length: Annotated[int, Field(ge=1, le=1024), NO_BOOL] = 24
    """Characters."""
    digits: Some | None = None
    """How many of them are digits; a quarter by default."""
    symbols: Some | None = None
    """How many of them are symbols; a quarter by default."""
    symbol_characters: Text | None = None
    """Which symbols."""
    no_upper: bool = False
    """`true` leaves capital letters out."""
    allow_repeat: bool = False
    """`true` lets a character come twice. Needed beyond the letters that there are."""
    keys: list[SecretKey] = []
    """Keys that get a password each; `password` by default."""
    encoding: Literal["raw", "base64", "base64url", "base32", "hex"] = "raw"
    """How it is written."""

    @model_validator(mode="after")
    def _room(self) -> Self:
        if (self.digits or 0) + (self.symbols or 0) > self.length:
            raise ValueError(
                f"{self.digits or 0} `digits` and {self.symbols or 0} `symbols` are more than `length` ({self.length})"
            )
        if self.symbols == 0 and self.symbol_characters is not None:
            raise ValueError("`symbol_characters` does nothing beside `symbols: 0`")
        return self


class EcrSpec(Strict):
    """Tokens for Amazon's registry, which are good for 12 hours."""

    region: Region
    """Region of the registry, such as eu-central-1."""
    auth: AwsAuth | None = None
    """Who the controller is to AWS; by default the identity of its own pod (IRSA, Pod Identity)."""
    role: RoleArn | None = None
    """Role to assume."""
    scope: Literal["private", "public"] = "private"
    """Which of Amazon's two registries."""


class GcrSpec(Strict):
    """Tokens for Google's registries (Artifact Registry and its forerunner), which are good for an hour."""

    project_id: Text
    """The project."""
    auth: GcpAuth
    """Who the controller is to Google."""

    @model_validator(mode="after")
    def _known_cluster(self) -> Self:
        identity = self.auth.workload_identity
        if identity is not None and (identity.cluster_name is None or identity.cluster_location is None):
            raise ValueError("`auth.workload_identity` needs `cluster_name` and `cluster_location` here: a generator asks nobody")
        return self


class AcrPrincipal(Strict):
    """An application with a secret."""

    client_id: CredentialSpec
    """Id of the application."""
    client_secret: CredentialSpec
    """Its secret."""


class AcrWorkloadIdentity(Strict):
    """A Kubernetes account that stands for an identity of Azure."""

    service_account: ServiceAccountRef | None = None
    """The account, with its client and tenant id as annotations; the controller's own by default."""


class AcrAuth(Strict):
    """Who the controller is to Azure: exactly one method."""

    service_principal: AcrPrincipal | None = None
    """An application with a secret."""
    managed_identity: AzureManagedIdentity | None = None
    """An identity of the node."""
    workload_identity: AcrWorkloadIdentity | None = None
    """An account of the cluster."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, tuple(type(self).model_fields))
        return self


class AcrSpec(Strict):
    """Tokens for a registry of Azure, which are good for three hours."""

    registry: DnsName
    """Host of the registry: `acme.azurecr.io`."""
    tenant_id: Text | None = None
    """Tenant. Needed for `service_principal`."""
    scope: Text | None = None
    """What it is good for: `repository:my-repository:pull`. By default for all that the identity may do."""
    cloud: Literal["PublicCloud", "USGovernmentCloud", "ChinaCloud"] = "PublicCloud"
    """Which of Azure's clouds."""
    auth: AcrAuth
    """Who the controller is to Azure."""

    @model_validator(mode="after")
    def _tenant(self) -> Self:
        if self.auth.service_principal is not None and self.tenant_id is None:
            raise ValueError("`auth.service_principal` needs a `tenant_id`")
        return self
