"""The commands that build the image, as data: which builder, from which base, with which labels and which time."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

BASE = "docker.io/library/python:3.11-slim"
DOCKERFILE = "proxy/Dockerfile"
BUILDERS = ("buildah", "docker")
"""Looked for in this order."""


@dataclass(frozen=True, slots=True)
class Build:
    """What an image is made of. `epoch`: seconds; the time of every file and of the image itself."""

    base: str
    tag: str
    version: str
    revision: str
    epoch: int
    builder: str
    flags: tuple[str, ...] = ()
    cached: bool = False
    """Steps whose input is that of an earlier build are not done again: quicker, but not the image of a build from nothing."""

    def command(self) -> list[str]:
        """Builds the image and keeps it in the builder's own store."""
        arguments = {
            "BASE": self.base,
            "VERSION": self.version,
            "REVISION": self.revision,
            "CREATED": datetime.fromtimestamp(self.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "SOURCE_DATE_EPOCH": str(self.epoch),
        }
        said = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        common = [*said, "--file", DOCKERFILE, "--tag", self.tag, *self.flags, "."]
        if self.builder == "buildah":
            # The identity label would make each version of buildah another image.
            steady = ["--timestamp", str(self.epoch), "--identity-label=false", "--quiet"]
            cache = ["--layers"] if self.cached else []
            return ["buildah", "bud", *steady, *cache, "--ignorefile", f"{DOCKERFILE}.dockerignore", *common]
        output = ["--output", "type=docker,rewrite-timestamp=true", "--provenance=false", "--sbom=false"]
        return ["docker", "buildx", "build", *output, *([] if self.cached else ["--no-cache"]), *common]

    def identity(self) -> list[str]:
        """Prints what tells this image from any other: the digest of its configuration, which names every layer."""
        if self.builder == "buildah":
            return ["buildah", "inspect", "--type", "image", "--format", "{{.FromImageID}} {{.FromImageDigest}}", self.tag]
        return ["docker", "image", "inspect", "--format", "{{.Id}}", self.tag]


def flags_of(builder: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Further flags of the builder: BUILDAH_FLAGS or DOCKER_FLAGS, such as a mount of certificates."""
    return tuple(shlex.split(environment.get(f"{builder.upper()}_FLAGS", "")))
