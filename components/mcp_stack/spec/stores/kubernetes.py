"""Secrets of another namespace or cluster, by External Secrets: https://external-secrets.io/latest/provider/kubernetes/."""

from typing import Self

from pydantic import model_validator

from mcp_stack_proxy.config import Strict, Url

from ..names import DnsLabel
from .credentials import CertificateAuthority, CredentialSpec, ServiceAccountRef, exactly_one


class KubernetesCertificate(Strict):
    """A client certificate."""

    certificate: CredentialSpec
    """The certificate in PEM."""
    key: CredentialSpec
    """Its key in PEM."""


class KubernetesAuth(Strict):
    """Who the controller is to the API server: exactly one method."""

    service_account: ServiceAccountRef | None = None
    """An account of this cluster, which needs the right to read Secrets there."""
    token: CredentialSpec | None = None
    """A token as it is."""
    certificate: KubernetesCertificate | None = None
    """A client certificate."""
    kubeconfig: CredentialSpec | None = None
    """A kubeconfig with server and credentials."""

    @model_validator(mode="after")
    def _one_method(self) -> Self:
        exactly_one(self, tuple(type(self).model_fields))
        return self


class KubernetesServer(Strict):
    """The API server."""

    url: Url | None = None
    """Address; this cluster's by default."""
    ca: CertificateAuthority
    """Whose certificate it shows. In every namespace the ConfigMap kube-root-ca.crt, key ca.crt, has this cluster's."""


class KubernetesStoreSpec(Strict):
    """Secrets of one namespace."""

    remote_namespace: DnsLabel
    """The namespace."""
    server: KubernetesServer | None = None
    """The API server; `kubeconfig` names it itself."""
    auth: KubernetesAuth
    """Who the controller is."""

    @model_validator(mode="after")
    def _one_server(self) -> Self:
        if self.auth.kubeconfig is not None and self.server is not None:
            raise ValueError("`server` does nothing beside `auth.kubeconfig`, which names one; remove one of them")
        if self.auth.kubeconfig is None and self.server is None:
            raise ValueError("`server.ca` is needed: without it the controller refuses the API server's certificate")
        return self
