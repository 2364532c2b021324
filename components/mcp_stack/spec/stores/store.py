"""Where secrets come from: one backend, and which controller reads it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from ..names import DnsLabel, DnsName
from .aws import AwsStoreSpec
from .azure import AzureStoreSpec
from .credentials import exactly_one
from .fake import FakeStoreSpec
from .gcp import GcpStoreSpec
from .generators import AcrSpec, EcrSpec, GcrSpec, PasswordSpec
from .infisical import InfisicalStoreSpec
from .infisical_operator import InfisicalOperatorSpec
from .kubernetes import KubernetesStoreSpec
from .vault import VaultStoreSpec

PROVIDERS = ("infisical", "aws", "vault", "gcp", "azure", "kubernetes", "fake")
"""Backends that External Secrets reads for us."""

GENERATORS = {
    "password": "Password",
    "ecr": "ECRAuthorizationToken",
    "gcr": "GCRAccessToken",
    "acr": "ACRAccessToken",
}
"""Backends that keep nothing and make values of their own, and the kind of each."""

BACKENDS = (*PROVIDERS, "infisical_operator", "existing", *GENERATORS)


class ExistingStore(Strict):
    """A store of External Secrets that somebody else provides."""

    kind: Literal["SecretStore", "ClusterSecretStore"]
    """A SecretStore lies in the stack's namespace, a ClusterSecretStore in none."""
    name: DnsName
    """Its name."""


class RetrySpec(Strict):
    """What the controller does when the backend does not answer."""

    max: Annotated[int, Field(ge=0), NO_BOOL] | None = None
    """Further attempts."""
    interval_seconds: Annotated[int, Field(ge=1), NO_BOOL] | None = None
    """Time between them."""


class SecretStoreSpec(Strict):
    """A backend: exactly one of `infisical`, `aws`, `vault`, `gcp`, `azure`, `kubernetes`, `fake`, `infisical_operator` and
    `existing`, or of what makes values of its own: `password`, `ecr`, `gcr` and `acr`. All but `infisical_operator` are read by the
    External Secrets Operator."""

    infisical: InfisicalStoreSpec | None = None
    """Infisical, by External Secrets."""
    aws: AwsStoreSpec | None = None
    """AWS Secrets Manager or Parameter Store."""
    vault: VaultStoreSpec | None = None
    """HashiCorp Vault or OpenBao."""
    gcp: GcpStoreSpec | None = None
    """Google Secret Manager."""
    azure: AzureStoreSpec | None = None
    """Azure Key Vault."""
    kubernetes: KubernetesStoreSpec | None = None
    """Secrets of another namespace or cluster."""
    fake: FakeStoreSpec | None = None
    """Values in plain text, for tests and demonstrations."""
    infisical_operator: InfisicalOperatorSpec | None = None
    """Infisical, by its own operator."""
    existing: ExistingStore | None = None
    """A store of External Secrets that somebody else provides."""
    password: PasswordSpec | None = None
    """Passwords that the controller draws; nobody keeps them but their Secret."""
    ecr: EcrSpec | None = None
    """Tokens for Amazon's registry."""
    gcr: GcrSpec | None = None
    """Tokens for Google's registries."""
    acr: AcrSpec | None = None
    """Tokens for a registry of Azure."""
    cluster: bool = False
    """Makes a ClusterSecretStore, which lies in no namespace, of it; the stack's namespace and `namespaces` may use it."""
    namespaces: list[DnsLabel] = []
    """With `cluster`: further namespaces that may use it."""
    controller: Annotated[str, Field(min_length=1)] | None = None
    """Class of the controller, where a cluster runs several."""
    refresh_seconds: Annotated[int, Field(ge=1), NO_BOOL] | None = None
    """How often the controller checks that the store still works."""
    retry: RetrySpec = RetrySpec()
    """What happens when the backend does not answer."""

    @property
    def backend(self) -> str:
        """Which of the backends it is."""
        return next(name for name in BACKENDS if getattr(self, name) is not None)

    @property
    def generated(self) -> frozenset[str] | None:
        """Keys of the values that it makes by itself; None where it gives what is asked for."""
        if self.backend not in GENERATORS:
            return None
        if self.password is not None:
            return frozenset(self.password.keys or ["password"])
        more = {"ecr": ["expires_at"], "gcr": ["expiry"]}.get(self.backend, [])
        private = ["proxy_endpoint"] if self.ecr is not None and self.ecr.scope == "private" else []
        return frozenset({"username", "password", *more, *private})

    @model_validator(mode="after")
    def _one_backend(self) -> Self:
        backend = exactly_one(self, BACKENDS)
        if backend not in PROVIDERS:
            ours = ("cluster", "namespaces", "controller", "refresh_seconds", "retry")
            for name in sorted(self.model_fields_set.intersection(ours)):
                raise ValueError(f"`{name}` does nothing for `{backend}`; remove it")
        if self.namespaces and not self.cluster:
            raise ValueError("`namespaces` does nothing without `cluster: true`: only the stack's own namespace may use it")
        return self
