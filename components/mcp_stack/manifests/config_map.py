"""ConfigMaps named by their content: a change makes a new one and thereby rolls the pods, no change rolls nothing.

A map with a fixed name would be deleted before its replacement exists (pulumi-kubernetes replaces maps whose data change), and pods
of the old and the new revision would read one and the same text.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from ..spec import StackSpec
from ..spec.secrets import FileSpec
from .identity import Manifest, manifest

CONFIG_FILE = "proxy.yaml"
"""Key, and file name, of the proxy's configuration."""


def config_map(spec: StackSpec, part: str, role: str, data: Mapping[str, str]) -> Manifest:
    """Immutable ConfigMap `{part}-{role}-{first ten hexadecimal digits of the content's SHA-256}`."""
    name = spec.object_name(part, f"-{role}-{content_digest(data)}")
    return manifest(spec, part, "v1 ConfigMap", {"immutable": True, "data": dict(data)}, name=name)


def content_digest(data: Mapping[str, str]) -> str:
    """Ten hexadecimal digits that stand for `data`."""
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:10]


def file_data(files: Mapping[str, FileSpec]) -> dict[str, str]:
    """Content of a server's files by key; secrets are not among them."""
    return {file_key(path): file.content for path, file in sorted(files.items()) if file.content is not None}


def file_key(path: str) -> str:
    """Key of a file in its ConfigMap: readable, unique, and of the letters that keys may have."""
    readable = re.sub(r"[^A-Za-z0-9._-]", "-", PurePosixPath(path).name)[:64]
    return f"{hashlib.sha256(path.encode()).hexdigest()[:8]}-{readable}"
