"""Kubernetes objects from a spec: pure functions, dictionaries in and out, neither Pulumi nor I/O."""

from .config_map import CONFIG_FILE, config_map
from .identity import Manifest, labels_of, selector_of
from .monitoring import overview
from .namespace import retained
from .objects import (
    Objects,
    gateway_objects,
    manifests_for,
    namespace_objects,
    reads_ours,
    server_objects,
    shared_exposure,
    shared_objects,
    shared_secrets,
    url_server_secrets,
)
from .secrets import checksum
from .syncing import store_objects

__all__ = [
    "CONFIG_FILE",
    "Manifest",
    "Objects",
    "checksum",
    "config_map",
    "gateway_objects",
    "labels_of",
    "manifests_for",
    "namespace_objects",
    "overview",
    "reads_ours",
    "retained",
    "selector_of",
    "server_objects",
    "shared_exposure",
    "shared_objects",
    "shared_secrets",
    "store_objects",
    "url_server_secrets",
]
