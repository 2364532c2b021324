"""What arguments consist of: kubernetes. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .credentials import CertificateAuthorityArgs, CredentialArgs, ServiceAccountRefArgs


class KubernetesServerArgs(TypedDict):
    """The API server."""

    url: NotRequired[str]
    """Address; this cluster's by default."""
    ca: CertificateAuthorityArgs
    """Whose certificate it shows. In every namespace the ConfigMap kube-root-ca.crt, key ca.crt, has this cluster's."""


class KubernetesCertificateArgs(TypedDict):
    """A client certificate."""

    certificate: CredentialArgs
    """The certificate in PEM."""
    key: CredentialArgs
    """Its key in PEM."""


class KubernetesAuthArgs(TypedDict):
    """Who the controller is to the API server: exactly one method."""

    service_account: NotRequired[ServiceAccountRefArgs]
    """An account of this cluster, which needs the right to read Secrets there."""
    token: NotRequired[CredentialArgs]
    """A token as it is."""
    certificate: NotRequired[KubernetesCertificateArgs]
    """A client certificate."""
    kubeconfig: NotRequired[CredentialArgs]
    """A kubeconfig with server and credentials."""


class KubernetesStoreArgs(TypedDict):
    """Secrets of one namespace."""

    remote_namespace: str
    """The namespace."""
    server: NotRequired[KubernetesServerArgs]
    """The API server; `kubeconfig` names it itself."""
    auth: KubernetesAuthArgs
    """Who the controller is."""
