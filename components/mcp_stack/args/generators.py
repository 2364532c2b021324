"""What arguments consist of: generators. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .aws import AwsAuthArgs
from .azure import AzureManagedIdentityArgs
from .credentials import CredentialArgs, ServiceAccountRefArgs
from .gcp import GcpAuthArgs


class PasswordArgs(TypedDict):
    """Passwords that the controller draws."""

    length: NotRequired[int]
    """Characters."""
    digits: NotRequired[int]
    """How many of them are digits; a quarter by default."""
    symbols: NotRequired[int]
    """How many of them are symbols; a quarter by default."""
    symbol_characters: NotRequired[str]
    """Which symbols."""
    no_upper: NotRequired[bool]
    """`true` leaves capital letters out."""
    allow_repeat: NotRequired[bool]
    """`true` lets a character come twice. Needed beyond the letters that there are."""
    keys: NotRequired[list[str]]
    """Keys that get a password each; `password` by default."""
    encoding: NotRequired[str]
    """How it is written."""


class EcrArgs(TypedDict):
    """Tokens for Amazon's registry, which are good for 12 hours."""

    region: str
    """Region of the registry, such as eu-central-1."""
    auth: NotRequired[AwsAuthArgs]
    """Who the controller is to AWS; by default the identity of its own pod (IRSA, Pod Identity)."""
    role: NotRequired[str]
    """Role to assume."""
    scope: NotRequired[str]
    """Which of Amazon's two registries."""


class GcrArgs(TypedDict):
    """Tokens for Google's registries (Artifact Registry and its forerunner), which are good for an hour."""

    project_id: str
    """The project."""
    auth: GcpAuthArgs
    """Who the controller is to Google."""


class AcrPrincipalArgs(TypedDict):
    """An application with a secret."""

    client_id: CredentialArgs
    """Id of the application."""
    client_secret: CredentialArgs
    """Its secret."""


class AcrWorkloadIdentityArgs(TypedDict):
    """A Kubernetes account that stands for an identity of Azure."""

    service_account: NotRequired[ServiceAccountRefArgs]
    """The account, with its client and tenant id as annotations; the controller's own by default."""


class AcrAuthArgs(TypedDict):
    """Who the controller is to Azure: exactly one method."""

    service_principal: NotRequired[AcrPrincipalArgs]
    """An application with a secret."""
    managed_identity: NotRequired[AzureManagedIdentityArgs]
    """An identity of the node."""
    workload_identity: NotRequired[AcrWorkloadIdentityArgs]
    """An account of the cluster."""


class AcrArgs(TypedDict):
    """Tokens for a registry of Azure, which are good for three hours."""

    registry: str
    """Host of the registry: `acme.azurecr.io`."""
    tenant_id: NotRequired[str]
    """Tenant. Needed for `service_principal`."""
    scope: NotRequired[str]
    """What it is good for: `repository:my-repository:pull`. By default for all that the identity may do."""
    cloud: NotRequired[str]
    """Which of Azure's clouds."""
    auth: AcrAuthArgs
    """Who the controller is to Azure."""
