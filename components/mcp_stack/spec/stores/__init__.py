"""Secrets and the stores that they come from: External Secrets, Infisical's operator, the stack file, and what exists already."""

from .credentials import CertificateAuthority, CredentialSpec, Referring, ServiceAccountRef, referred
from .infisical_operator import InfisicalOperatorSpec
from .secret import DOCKER_CONFIG, VALUE, SecretSpec
from .store import GENERATORS, PROVIDERS, SecretStoreSpec

__all__ = [
    "DOCKER_CONFIG",
    "GENERATORS",
    "PROVIDERS",
    "VALUE",
    "CertificateAuthority",
    "CredentialSpec",
    "InfisicalOperatorSpec",
    "Referring",
    "SecretSpec",
    "SecretStoreSpec",
    "ServiceAccountRef",
    "referred",
]
