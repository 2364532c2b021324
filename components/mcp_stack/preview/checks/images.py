"""Images that are the same tomorrow."""

import re
from collections.abc import Iterator

from ..values import told_later
from .cluster import Cluster
from .finding import Finding, error

CHECK = "images"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def images(cluster: Cluster) -> Iterator[Finding]:
    """References without a version, with `latest`, or with a digest that is none."""
    for pods in cluster.pods:
        for container in pods.containers:
            path = f"{container.path}.image"
            reference = str(container.spec.get("image", ""))
            name, _, digest = reference.partition("@")
            tag = name.rpartition("/")[2].partition(":")[2]
            if told_later(reference):
                continue
            if not reference:
                yield error(CHECK, pods.owner, path, "missing: name an image")
            elif digest and not _DIGEST.fullmatch(digest):
                yield error(CHECK, pods.owner, path, f"{reference!r} has no valid digest: write sha256: and 64 hexadecimal digits")
            elif not digest and tag in ("", "latest"):
                yield error(CHECK, pods.owner, path, f"{reference!r} is another image tomorrow; name a version or a digest")
