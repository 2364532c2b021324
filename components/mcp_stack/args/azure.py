"""What arguments consist of: azure. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import CredentialArgs, ServiceAccountRefArgs


class AzureServicePrincipalArgs(TypedDict):
    """An application: exactly one of `client_secret` and `client_certificate`."""

    tenant_id: str
    """Tenant."""
    client_id: CredentialArgs
    """Id of the application."""
    client_secret: NotRequired[CredentialArgs]
    """Its secret."""
    client_certificate: NotRequired[CredentialArgs]
    """Its certificate and key in PEM."""


class AzureManagedIdentityArgs(TypedDict):
    """An identity of the node."""

    identity_id: NotRequired[str]
    """Client id, where the node has several identities."""


class AzureWorkloadIdentityArgs(TypedDict):
    """A Kubernetes account that stands for an identity of Azure."""

    service_account: NotRequired[ServiceAccountRefArgs]
    """The account, with its client and tenant id as annotations; the controller's own by default."""
    tenant_id: NotRequired[str]
    """Tenant, where the account does not name it."""


class AzureAuthArgs(TypedDict):
    """Who the controller is to Azure: exactly one method."""

    service_principal: NotRequired[AzureServicePrincipalArgs]
    """An application with a secret or a certificate."""
    managed_identity: NotRequired[AzureManagedIdentityArgs]
    """An identity of the node."""
    workload_identity: NotRequired[AzureWorkloadIdentityArgs]
    """An account of the cluster."""


class AzureStoreArgs(TypedDict):
    """One Key Vault."""

    vault_url: str
    """Address, such as https://acme.vault.azure.net."""
    cloud: NotRequired[str]
    """Which of Azure's clouds."""
    auth: AzureAuthArgs
    """Who the controller is."""
