"""How strictly images are pinned."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..image import SEMVER, ImageSpec
from ..stack import StackSpec


def image_problems(spec: StackSpec) -> Iterator[Problem]:
    """Images that do not say enough for the stack's `image.versioning`."""
    images = {join("servers", name, "image"): server.image for name, server in spec.servers.items() if server.image}
    if spec.proxy.image and (spec.gateway.enabled or any(server.kind == "command" for server in spec.servers.values())):
        images["proxy.image"] = spec.proxy.image
    for place, image in images.items():
        yield from _versioning(place, image, spec)
        if image.absolute and image.registry:
            yield Problem(
                join(place, "registry"), f"does nothing, {image.repository!r} already names its registry; remove one of them"
            )


def _versioning(place: str, image: ImageSpec, spec: StackSpec) -> Iterator[Problem]:
    strategy = spec.image.versioning
    if strategy == "digest" and image.digest is None:
        yield Problem(join(place, "digest"), "required, `image.versioning` is `digest`; a tag alone may point elsewhere tomorrow")
    elif strategy == "semver" and (image.tag is None or not SEMVER.fullmatch(image.tag)):
        shown = repr(image.tag) if image.tag else "missing, it"
        yield Problem(
            join(place, "tag"), f"{shown} is no semantic version such as 1.4.2, which `image.versioning: semver` asks for"
        )
    elif image.tag is None and image.digest is None:
        yield Problem(place, "give a `tag` or a `digest`; there is no default, and never `latest`")
