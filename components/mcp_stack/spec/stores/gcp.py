"""Google Secret Manager by External Secrets: https://external-secrets.io/latest/provider/google-secrets-manager/."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict

from .credentials import CredentialSpec, ServiceAccountRef, exactly_one

Text = Annotated[str, Field(min_length=1)]


class GcpWorkloadIdentity(Strict):
    """A Kubernetes account that stands for a Google one."""

    service_account: ServiceAccountRef
    """The account."""
    cluster_name: Text | None = None
    """Name of the cluster; asked of its metadata server by default."""
    cluster_location: Text | None = None
    """Location of the cluster; asked of its metadata server by default."""
    cluster_project_id: Text | None = None
    """Project of the cluster; asked of its metadata server by default."""


class GcpAuth(Strict):
    """Who the controller is to Google: exactly one of `key` and `workload_identity`."""

    key: CredentialSpec | None = None
    """A service account's key as JSON."""
    workload_identity: GcpWorkloadIdentity | None = None
    """An account of the cluster."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, ("key", "workload_identity"))
        return self


class GcpStoreSpec(Strict):
    """Secret Manager of one project."""

    project_id: Text | None = None
    """The project; the cluster's own by default."""
    location: Text | None = None
    """Region of regional secrets."""
    auth: GcpAuth | None = None
    """Who the controller is; by default the identity of its own pod."""

    @model_validator(mode="after")
    def _project_of_key(self) -> Self:
        if self.auth is not None and self.auth.key is not None and self.project_id is None:
            raise ValueError("`auth.key` needs a `project_id`: a key does not tell which project is meant")
        return self
