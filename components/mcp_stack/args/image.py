"""What arguments consist of: image. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi


class ImageDefaultsArgs(TypedDict):
    """What images have in common, unless they say otherwise."""

    registry: NotRequired[str]
    """Put before every repository that names no registry of its own."""
    pull_policy: NotRequired[str]
    """When nodes ask the registry. `Always` also checks that the pod may pull the image, and is cheap where it is cached."""
    pull_secrets: NotRequired[list[str]]
    """Existing Secrets with credentials for `registry`."""
    registries: NotRequired[dict[str, list[str]]]
    """Existing Secrets with credentials for other registries, or for a part of one (`ghcr.io/acme`). The longest that fits counts;
    `docker.io` stands for images that name none."""
    versioning: NotRequired[str]
    """What an image has to carry: a tag or a digest (`tag`), a digest (`digest`), a tag that is a semantic version (`semver`)."""


class ImageArgs(TypedDict):
    """One image. What runs is the digest, where there is one."""

    repository: pulumi.Input[str]
    """`acme/github`, or with a registry (`ghcr.io/acme/github`), which is then left alone."""
    tag: NotRequired[pulumi.Input[str]]
    """Version, never `latest`."""
    digest: NotRequired[pulumi.Input[str]]
    """Exact content, which a tag cannot promise."""
    constraint: NotRequired[str]
    """Range of versions that `tag` has to lie in, whoever changes it: `^1.4`, `>=1.4 <3`. A prerelease has to be named."""
    registry: NotRequired[str]
    """In place of the stack's registry."""
    pull_policy: NotRequired[str]
    """In place of the stack's policy."""
    pull_secrets: NotRequired[list[str]]
    """In place of those that the stack's `image` has for its registry."""
