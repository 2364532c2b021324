"""How strictly images are pinned."""

from collections.abc import Iterable, Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..image import ImageSpec, registry_of
from ..semver import allows, version
from ..server import ServerSpec
from ..stack import StackFile, StackSpec


def image_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Images that do not say enough for the stack's `image.versioning`, or lie outside their own range; registries of no image."""
    images = {join("servers", name, "image"): server.image for name, server in spec.servers.items() if server.image}
    if spec.proxy.image and spec.proxies():
        images["proxy.image"] = spec.proxy.image
    images |= {join(place, "init_containers", index, "image"): one.image for place, index, one in spec.init_containers()}
    for place, image in images.items():
        yield from _versioning(place, image, spec)
        yield from _constraint(place, image)
        if image.absolute and image.registry:
            yield Problem(
                join(place, "registry"), f"does nothing, {image.repository!r} already names its registry; remove one of them"
            )
    yield from _registries(spec, file, images.values())


def _registries(spec: StackSpec, file: StackFile, images: Iterable[ImageSpec]) -> Iterator[Problem]:
    """Credentials that nothing is pulled with, whatever is enabled."""
    resting = [one for server in file.servers.values() if not server.enabled for one in _images(server)]
    used = {registry_of(image, spec.image) for image in (*images, *resting) if image.pull_secrets is None}
    for registry in spec.image.registries:
        if registry not in used:
            at = join("image", "registries", registry)
            yield Problem(at, f"does nothing, no image that has no `pull_secrets` of its own comes from {registry!r}; remove it")


def _images(server: ServerSpec) -> list[ImageSpec]:
    return [*([server.image] if server.image else []), *(one.image for one in server.init_containers)]


def _constraint(place: str, image: ImageSpec) -> Iterator[Problem]:
    if image.constraint is None:
        return
    found = version(image.tag or "")
    if found is None:
        shown = f"{image.tag!r} is no semantic version" if image.tag else "missing"
        yield Problem(join(place, "tag"), f"{shown}, which `constraint` ({image.constraint}) asks for; give one, or remove it")
    elif not allows(image.constraint, found):
        yield Problem(join(place, "tag"), f"{image.tag!r} lies outside of `constraint` ({image.constraint}); change one of them")


def _versioning(place: str, image: ImageSpec, spec: StackSpec) -> Iterator[Problem]:
    strategy = spec.image.versioning
    if strategy == "digest" and image.digest is None:
        yield Problem(join(place, "digest"), "required, `image.versioning` is `digest`; a tag alone may point elsewhere tomorrow")
    elif strategy == "semver" and version(image.tag or "") is None:
        shown = repr(image.tag) if image.tag else "missing, it"
        yield Problem(
            join(place, "tag"), f"{shown} is no semantic version such as 1.4.2, which `image.versioning: semver` asks for"
        )
    elif image.tag is None and image.digest is None:
        yield Problem(place, "give a `tag` or a `digest`; there is no default, and never `latest`")
