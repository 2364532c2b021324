"""What arguments consist of: gcp. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import CredentialArgs, ServiceAccountRefArgs


class GcpWorkloadIdentityArgs(TypedDict):
    """A Kubernetes account that stands for a Google one."""

    service_account: ServiceAccountRefArgs
    """The account."""
    cluster_name: NotRequired[str]
    """Name of the cluster; asked of its metadata server by default."""
    cluster_location: NotRequired[str]
    """Location of the cluster; asked of its metadata server by default."""
    cluster_project_id: NotRequired[str]
    """Project of the cluster; asked of its metadata server by default."""


class GcpAuthArgs(TypedDict):
    """Who the controller is to Google: exactly one of `key` and `workload_identity`."""

    key: NotRequired[CredentialArgs]
    """A service account's key as JSON."""
    workload_identity: NotRequired[GcpWorkloadIdentityArgs]
    """An account of the cluster."""


class GcpStoreArgs(TypedDict):
    """Secret Manager of one project."""

    project_id: NotRequired[str]
    """The project; the cluster's own by default."""
    location: NotRequired[str]
    """Region of regional secrets."""
    auth: NotRequired[GcpAuthArgs]
    """Who the controller is; by default the identity of its own pod."""
