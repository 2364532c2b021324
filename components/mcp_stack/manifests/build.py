"""What a builder is asked for."""

from typing import Any

from ..spec.build import ImageBuildSpec


def build_inputs(spec: ImageBuildSpec) -> dict[str, Any]:
    """Inputs of `docker-build:index:Image`: pushed under its tag. A preview builds nothing, and needs no builder for it."""
    registry = spec.repository.partition("/")[0]
    found: dict[str, Any] = {
        "push": True,
        "build_on_preview": False,
        "tags": [f"{spec.repository}:{spec.tag}"],
        "context": {"location": spec.context},
    }
    if spec.dockerfile is not None:
        found["dockerfile"] = {"location": spec.dockerfile}
    if spec.target is not None:
        found["target"] = spec.target
    if spec.platforms:
        found["platforms"] = spec.platforms
    if spec.arguments:
        found["build_args"] = spec.arguments
    if spec.username is not None:
        found["registries"] = [{"address": registry, "username": spec.username, "password": spec.password}]
    return found
