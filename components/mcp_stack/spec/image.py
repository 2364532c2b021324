"""Which image runs: registry, repository, tag, digest, and how strictly a stack pins it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from mcp_stack_proxy.config import Strict

from .names import DnsName
from .semver import check_constraint

PullPolicy = Literal["Always", "IfNotPresent", "Never"]
Versioning = Literal["tag", "digest", "semver"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REPOSITORY = re.compile(r"(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_REGISTRY = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)?")


def _matching(pattern: re.Pattern[str], rule: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise ValueError(f"{value!r} is {rule}")
        return value

    return AfterValidator(check)


def _tag(tag: str) -> str:
    if tag == "latest":
        raise ValueError("'latest' names another image tomorrow; give a version, or a digest")
    return tag


Registry = Annotated[str, _matching(_REGISTRY, "no registry, such as ghcr.io/acme")]


class ImageDefaults(Strict):
    """What images have in common, unless they say otherwise."""

    registry: Registry | None = None
    """Put before every repository that names no registry of its own."""
    pull_policy: PullPolicy = "Always"
    """When nodes ask the registry. `Always` also checks that the pod may pull the image, and is cheap where it is cached."""
    pull_secrets: list[DnsName] = []
    """Existing Secrets with credentials for `registry`."""
    registries: dict[Registry, Annotated[list[DnsName], Field(min_length=1)]] = {}
    """Existing Secrets with credentials for other registries, or for a part of one (`ghcr.io/acme`). The longest that fits counts;
    `docker.io` stands for images that name none."""
    versioning: Versioning = "tag"
    """What an image has to carry: a tag or a digest (`tag`), a digest (`digest`), a tag that is a semantic version (`semver`)."""


class ImageSpec(Strict):
    """One image. What runs is the digest, where there is one."""

    repository: Annotated[str, _matching(_REPOSITORY, "no repository, such as acme/github; tag and digest have keys of their own")]
    """`acme/github`, or with a registry (`ghcr.io/acme/github`), which is then left alone."""
    tag: Annotated[str, _matching(_TAG, "no tag: letters, digits, `_`, `.` and `-`"), AfterValidator(_tag)] | None = None
    """Version, never `latest`."""
    digest: Annotated[str, _matching(_DIGEST, "no digest: `sha256:` and 64 hexadecimal digits")] | None = None
    """Exact content, which a tag cannot promise."""
    constraint: Annotated[str, AfterValidator(check_constraint)] | None = None
    """Range of versions that `tag` has to lie in, whoever changes it: `^1.4`, `>=1.4 <3`. A prerelease has to be named."""
    registry: Registry | None = None
    """In place of the stack's registry."""
    pull_policy: PullPolicy | None = None
    """In place of the stack's policy."""
    pull_secrets: Annotated[list[DnsName], Field()] | None = None
    """In place of those that the stack's `image` has for its registry."""

    @property
    def absolute(self) -> bool:
        """Whether the repository already names a registry."""
        return _absolute(self.repository)


def image_reference(image: ImageSpec, defaults: ImageDefaults) -> str:
    """What the container runtime is asked for. With tag and digest it takes the digest (Kubernetes, "Images")."""
    return _named(image, defaults) + (f":{image.tag}" if image.tag else "") + (f"@{image.digest}" if image.digest else "")


def pull_secrets(image: ImageSpec, defaults: ImageDefaults) -> list[str]:
    """Secrets for pulling `image`: its own, else those of its registry."""
    if image.pull_secrets is not None:
        return image.pull_secrets
    own = image.absolute or (image.registry is not None and image.registry != defaults.registry)
    return [*([] if own else defaults.pull_secrets), *defaults.registries.get(registry_of(image, defaults) or "", [])]


def registry_of(image: ImageSpec, defaults: ImageDefaults) -> str | None:
    """The longest of `defaults.registries` that `image` comes from."""
    name = _named(image, defaults)
    whole = name if _absolute(name) else f"docker.io/{name}"
    return max((one for one in defaults.registries if whole.startswith(f"{one}/")), key=len, default=None)


def _named(image: ImageSpec, defaults: ImageDefaults) -> str:
    """Registry, where one is named, and repository."""
    registry = None if image.absolute else image.registry or defaults.registry
    return f"{registry}/{image.repository}" if registry else image.repository


def _absolute(name: str) -> bool:
    """Whether `name` starts with a registry, told apart as container tools do."""
    first, slash, _ = name.partition("/")
    return bool(slash) and ("." in first or ":" in first or first == "localhost")
