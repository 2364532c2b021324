import pytest

from mcp_stack.manifests.build import build_inputs
from mcp_stack.spec.build import ImageBuildSpec

LEAST = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "context": "."}


def inputs(**changes):
    return build_inputs(ImageBuildSpec.model_validate({**LEAST, **changes}))


def test_the_least_pushes_under_its_tag_and_builds_nothing_in_a_preview():
    assert inputs() == {"push": True, "build_on_preview": False, "tags": ["ghcr.io/acme/proxy:1.0.0"], "context": {"location": "."}}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"dockerfile": "proxy/Dockerfile"}, {"dockerfile": {"location": "proxy/Dockerfile"}}),
        ({"target": "build"}, {"target": "build"}),
        ({"platforms": ["linux/amd64"]}, {"platforms": ["linux/amd64"]}),
        ({"arguments": {"BASE": "x"}}, {"build_args": {"BASE": "x"}}),
        (
            {"username": "ci", "password": "p"},
            {"registries": [{"address": "ghcr.io", "username": "ci", "password": "p"}]},
        ),
    ],
)
def test_every_key_asks_for_something(given, found):
    assert {key: value for key, value in inputs(**given).items() if key not in inputs()} == found
