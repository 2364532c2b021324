"""What arguments consist of: store. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .aws import AwsStoreArgs
from .azure import AzureStoreArgs
from .fake import FakeStoreArgs
from .gcp import GcpStoreArgs
from .generators import AcrArgs, EcrArgs, GcrArgs, PasswordArgs
from .infisical import InfisicalStoreArgs
from .infisical_operator import InfisicalOperatorArgs
from .kubernetes import KubernetesStoreArgs
from .vault import VaultStoreArgs


class ExistingStoreArgs(TypedDict):
    """A store of External Secrets that somebody else provides."""

    kind: str
    """A SecretStore lies in the stack's namespace, a ClusterSecretStore in none."""
    name: str
    """Its name."""


class RetryArgs(TypedDict):
    """What the controller does when the backend does not answer."""

    max: NotRequired[int]
    """Further attempts."""
    interval_seconds: NotRequired[int]
    """Time between them."""


class SecretStoreArgs(TypedDict):
    """A backend: exactly one of `infisical`, `aws`, `vault`, `gcp`, `azure`, `kubernetes`, `fake`, `infisical_operator` and
    `existing`, or of what makes values of its own: `password`, `ecr`, `gcr` and `acr`. All but `infisical_operator` are read by the
    External Secrets Operator."""

    infisical: NotRequired[InfisicalStoreArgs]
    """Infisical, by External Secrets."""
    aws: NotRequired[AwsStoreArgs]
    """AWS Secrets Manager or Parameter Store."""
    vault: NotRequired[VaultStoreArgs]
    """HashiCorp Vault or OpenBao."""
    gcp: NotRequired[GcpStoreArgs]
    """Google Secret Manager."""
    azure: NotRequired[AzureStoreArgs]
    """Azure Key Vault."""
    kubernetes: NotRequired[KubernetesStoreArgs]
    """Secrets of another namespace or cluster."""
    fake: NotRequired[FakeStoreArgs]
    """Values in plain text, for tests and demonstrations."""
    infisical_operator: NotRequired[InfisicalOperatorArgs]
    """Infisical, by its own operator."""
    existing: NotRequired[ExistingStoreArgs]
    """A store of External Secrets that somebody else provides."""
    password: NotRequired[PasswordArgs]
    """Passwords that the controller draws; nobody keeps them but their Secret."""
    ecr: NotRequired[EcrArgs]
    """Tokens for Amazon's registry."""
    gcr: NotRequired[GcrArgs]
    """Tokens for Google's registries."""
    acr: NotRequired[AcrArgs]
    """Tokens for a registry of Azure."""
    cluster: NotRequired[bool]
    """Makes a ClusterSecretStore, which lies in no namespace, of it; the stack's namespace and `namespaces` may use it."""
    namespaces: NotRequired[list[str]]
    """With `cluster`: further namespaces that may use it."""
    controller: NotRequired[str]
    """Class of the controller, where a cluster runs several."""
    refresh_seconds: NotRequired[int]
    """How often the controller checks that the store still works."""
    retry: NotRequired[RetryArgs]
    """What happens when the backend does not answer."""
