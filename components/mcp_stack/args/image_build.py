"""Arguments of a component: ImageBuild. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict


class ImageBuildArgs(TypedDict):
    """An image to build and push, or one that has been pushed."""

    repository: str
    """Where it is pushed, with the registry: `ghcr.io/acme/mcp-stack-proxy`."""
    tag: NotRequired[str]
    """Version that it is pushed as. Needed beside `context`; what runs is the digest."""
    digest: NotRequired[Any]
    """Digest of an image that has been pushed: `sha256:` and 64 hexadecimal digits. May be an output of another resource."""
    context: NotRequired[str]
    """Directory that is sent to the builder."""
    dockerfile: NotRequired[str]
    """Path of the Dockerfile; `Dockerfile` in the context by default."""
    target: NotRequired[str]
    """Stage that is built; the last one by default."""
    platforms: NotRequired[list[str]]
    """Such as `linux/amd64` and `linux/arm64`; the builder's own by default."""
    arguments: NotRequired[dict[str, Any]]
    """Build arguments. Everyone who gets the image can read them, so they are no place for secrets."""
    username: NotRequired[str]
    """Who pushes; whoever has logged in with `docker login` by default."""
    password: NotRequired[Any]
    """Password or token of `username`."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
