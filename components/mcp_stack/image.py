"""An image by its digest: built and pushed by BuildKit, or pushed before."""

import importlib
from typing import Any

import pulumi

from .args import ImageBuildArgs
from .inputs import image_of
from .manifests.build import build_inputs


class ImageBuild(pulumi.ComponentResource):
    """One image, such as the proxy's with stdio servers in it. What comes out names its content, never a tag that moves."""

    reference: pulumi.Output[str]
    """What a pod is told to run: `repository@sha256:…`."""
    repository: pulumi.Output[str]
    """Repository, for the key `image.repository` of a stack."""
    digest: pulumi.Output[str]
    """Digest, for the key `image.digest` of a stack."""

    def __init__(self, name: str, args: ImageBuildArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:ImageBuild", name, None, opts)
        spec = image_of(name, args)
        if spec.context is None:
            self.digest = pulumi.Output.from_input(spec.digest)
        else:
            image = _builder().Image(f"{name}-image", **build_inputs(spec), opts=pulumi.ResourceOptions(parent=self))
            self.digest = pulumi.Output.from_input(image.digest)
        self.repository = pulumi.Output.from_input(spec.repository)
        self.reference = pulumi.Output.concat(spec.repository, "@", self.digest)
        self.register_outputs({"reference": self.reference, "repository": self.repository, "digest": self.digest})


def _builder() -> Any:
    """The package of the provider, which only those need who build."""
    try:
        return importlib.import_module("pulumi_docker_build")
    except ModuleNotFoundError:
        raise pulumi.RunError("`context` is built with pulumi-docker-build: install the extra `mcp-stack[build]`") from None
