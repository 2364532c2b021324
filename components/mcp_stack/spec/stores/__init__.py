"""Secrets and the stores that they come from: External Secrets, Infisical's operator, the stack file, and what exists already."""

from .credentials import CertificateAuthority, CredentialSpec, Referring, ServiceAccountRef, referred
from .infisical_operator import InfisicalOperatorSpec
from .secret import VALUE, SecretSpec
from .store import PROVIDERS, SecretStoreSpec

__all__ = [
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
