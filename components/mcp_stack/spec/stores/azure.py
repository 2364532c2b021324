"""Azure Key Vault by External Secrets: https://external-secrets.io/latest/provider/azure-key-vault/."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict, Url

from .credentials import CredentialSpec, ServiceAccountRef, exactly_one

Text = Annotated[str, Field(min_length=1)]


class AzureServicePrincipal(Strict):
    """An application: exactly one of `client_secret` and `client_certificate`."""

    tenant_id: Text
    """Tenant."""
    client_id: CredentialSpec
    """Id of the application."""
    client_secret: CredentialSpec | None = None
    """Its secret."""
    client_certificate: CredentialSpec | None = None
    """Its certificate and key in PEM."""

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        exactly_one(self, ("client_secret", "client_certificate"))
        return self


class AzureManagedIdentity(Strict):
    """An identity of the node."""

    identity_id: Text | None = None
    """Client id, where the node has several identities."""


class AzureWorkloadIdentity(Strict):
    """A Kubernetes account that stands for an identity of Azure."""

    service_account: ServiceAccountRef | None = None
    """The account, with its client and tenant id as annotations; the controller's own by default."""
    tenant_id: Text | None = None
    """Tenant, where the account does not name it."""


class AzureAuth(Strict):
    """Who the controller is to Azure: exactly one method."""

    service_principal: AzureServicePrincipal | None = None
    """An application with a secret or a certificate."""
    managed_identity: AzureManagedIdentity | None = None
    """An identity of the node."""
    workload_identity: AzureWorkloadIdentity | None = None
    """An account of the cluster."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, tuple(type(self).model_fields))
        return self


class AzureStoreSpec(Strict):
    """One Key Vault."""

    vault_url: Url
    """Address, such as https://acme.vault.azure.net."""
    cloud: Literal["PublicCloud", "USGovernmentCloud", "ChinaCloud"] = "PublicCloud"
    """Which of Azure's clouds."""
    auth: AzureAuth
    """Who the controller is."""
