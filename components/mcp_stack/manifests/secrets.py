"""Secrets that we create from encrypted keys of the stack file, and the mark that rolls pods when a value changes."""

import hashlib
from collections.abc import Iterable
from typing import Any

from ..spec import StackSpec
from .identity import Manifest, assemble, manifest, shared_labels

CHECKSUM = "mcp-stack/secrets-checksum"
"""Annotation of pods that read Secrets of ours."""

VALUE = "value"
"""Key of the value in a Secret of ours."""


def shared_secret(spec: StackSpec, name: str, value: Any) -> Manifest:
    """Secret for `secrets.{name}` of the stack."""
    return assemble(
        "v1 Secret", spec.secret_object(None, name), spec.namespace, shared_labels(spec), spec.annotations, _body(value)
    )


def server_secret(spec: StackSpec, server: str, name: str, value: Any) -> Manifest:
    """Secret for `servers.{server}.secrets.{name}`."""
    return manifest(spec, server, "v1 Secret", _body(value), name=spec.secret_object(server, name))


def checksum(values: Iterable[str]) -> str:
    """What changes when any of `values` does, from which none can be read: a slow hash, because values may be short."""
    return hashlib.scrypt("\0".join(values).encode(), salt=CHECKSUM.encode(), n=2**12, r=8, p=1, dklen=16).hex()


def _body(value: Any) -> Manifest:
    return {"type": "Opaque", "stringData": {VALUE: value}}
