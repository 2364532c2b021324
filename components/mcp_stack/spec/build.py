"""An image that a program builds and pushes, or that something else has pushed already."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict

from .image import ImageSpec

_BUILDING = ("dockerfile", "target", "platforms", "arguments", "username", "password")
"""Keys that only a build reads."""


def _later(value: Any) -> object:
    """A text, or a value that a program knows only after deployment (a Pulumi output)."""
    if isinstance(value, str) or callable(getattr(value, "apply", None)):
        return value
    raise ValueError("write a text")


def _digest(value: Any) -> object:
    found = _later(value)
    return ImageSpec(repository="a", digest=found).digest if isinstance(found, str) else found


Later = Annotated[Any, AfterValidator(_later)]
"""`str`, or an Output of one."""


class ImageBuildSpec(Strict):
    """One image by its digest: exactly one of `context` (build and push it) and `digest` (it is there)."""

    repository: str
    """Where it is pushed, with the registry: `ghcr.io/acme/mcp-stack-proxy`."""
    tag: str | None = None
    """Version that it is pushed as. Needed beside `context`; what runs is the digest."""
    digest: Annotated[Any, AfterValidator(_digest)] = None
    """Digest of an image that has been pushed: `sha256:` and 64 hexadecimal digits. May be an output of another resource."""
    context: str | None = None
    """Directory that is sent to the builder."""
    dockerfile: str | None = None
    """Path of the Dockerfile; `Dockerfile` in the context by default."""
    target: str | None = None
    """Stage that is built; the last one by default."""
    platforms: list[Annotated[str, Field(pattern=r"^[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9]+)?$")]] = []
    """Such as `linux/amd64` and `linux/arm64`; the builder's own by default."""
    arguments: dict[str, Later] = {}
    """Build arguments. Everyone who gets the image can read them, so they are no place for secrets."""
    username: str | None = None
    """Who pushes; whoever has logged in with `docker login` by default."""
    password: Later = None
    """Password or token of `username`."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = self.model_fields_set
        image = ImageSpec(repository=self.repository, tag=self.tag)
        if not image.absolute:
            raise ValueError(f"repository: {self.repository!r} names no registry, such as ghcr.io/acme/mcp-stack-proxy")
        if ("context" in given) == ("digest" in given):
            raise ValueError("give either `context` (a directory to build) or `digest` (an image that has been pushed)")
        if "context" in given and self.tag is None:
            raise ValueError("`context` needs a `tag` to push the image as")
        if "digest" in given and (idle := [key for key in (*_BUILDING, "tag") if key in given]):
            raise ValueError(f"`{idle[0]}` does nothing beside `digest`, where nothing is built")
        if ("username" in given) != ("password" in given):
            raise ValueError("`username` and `password` need each other")
        return self
