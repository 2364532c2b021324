"""ImageBuild in a program of its own: a digest that is known, one that comes later, and one that is built."""

import sys

import pulumi
import pytest

from mcp_stack.image import ImageBuild

REPOSITORY = "ghcr.io/acme/mcp-stack-proxy"
DIGEST = f"sha256:{'a' * 64}"


def test_a_given_digest_is_passed_on_and_nothing_is_built(run):
    def program():
        image = ImageBuild("proxy", {"repository": REPOSITORY, "digest": pulumi.Output.from_input(DIGEST)})
        pulumi.export("reference", image.reference)
        pulumi.export("digest", image.digest)

    result = run(program)
    assert dict(result.outputs) == {"reference": f"{REPOSITORY}@{DIGEST}", "digest": DIGEST}
    assert [one.type for one in result.resources if not one.type.startswith("pulumi:")] == ["mcp-stack:index:ImageBuild"]


def test_a_context_is_built_and_pushed_below_the_component(run):
    def program():
        given = {"repository": REPOSITORY, "tag": "0.1.0", "context": ".", "dockerfile": "proxy/Dockerfile"}
        ImageBuild("proxy", {**given, "username": "ci", "password": pulumi.Output.secret("s3cret")})

    (image,) = [one for one in run(program).resources if one.type == "docker-build:index:Image"]
    assert image.name == "proxy-image"
    assert image.inputs["tags"] == [f"{REPOSITORY}:0.1.0"]
    assert image.inputs["dockerfile"] == {"location": "proxy/Dockerfile"}
    assert "s3cret" not in repr(image.inputs["registries"][0]["address"])
    assert (image.inputs["push"], image.inputs["buildOnPreview"]) == (True, False)


def test_a_mistake_is_one_message_with_the_component_s_name(run):
    def program():
        ImageBuild("proxy", {"repository": "acme/proxy", "digest": DIGEST})

    with pytest.raises(pulumi.RunError, match=r"ImageBuild 'proxy': 1 problem\n.*names no registry"):
        run(program)


def test_building_without_the_extra_says_what_to_install(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "pulumi_docker_build", None)

    def program():
        ImageBuild("proxy", {"repository": REPOSITORY, "tag": "0.1.0", "context": "."})

    with pytest.raises(pulumi.RunError, match=r"install the extra `mcp-stack\[build\]`"):
        run(program)
