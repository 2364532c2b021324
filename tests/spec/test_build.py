import pytest

from mcp_stack.spec.build import ImageBuildSpec
from mcp_stack_proxy.config import ConfigError, validate

DIGEST = f"sha256:{'0' * 64}"
BUILD = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "context": "."}
PUSHED = {"repository": "ghcr.io/acme/proxy", "digest": DIGEST}


class Later:
    def apply(self, function):
        return function


@pytest.mark.parametrize(
    "given",
    [
        BUILD,
        PUSHED,
        {**PUSHED, "digest": Later()},
        {**BUILD, "platforms": ["linux/amd64", "linux/arm/v7"], "arguments": {"BASE": "x", "V": Later()}, "target": "t"},
        {**BUILD, "username": "ci", "password": Later(), "dockerfile": "proxy/Dockerfile"},
    ],
)
def test_an_image_is_built_or_is_there(given):
    assert validate(ImageBuildSpec, given, "x").repository == "ghcr.io/acme/proxy"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({**BUILD, "digest": DIGEST}, "give either `context`"),
        ({"repository": "ghcr.io/acme/proxy"}, "give either `context`"),
        ({"repository": "ghcr.io/acme/proxy", "context": "."}, "`context` needs a `tag`"),
        ({**BUILD, "repository": "acme/proxy"}, "'acme/proxy' names no registry"),
        ({**BUILD, "repository": "ghcr.io/acme/proxy:1"}, "no repository"),
        ({**BUILD, "tag": "latest"}, "'latest' names another image tomorrow"),
        ({**PUSHED, "digest": "sha256:0"}, "digest"),
        ({**PUSHED, "digest": 5}, "digest: write a text"),
        ({**PUSHED, "tag": "1"}, "`tag` does nothing beside `digest`"),
        ({**PUSHED, "platforms": ["linux/amd64"]}, "`platforms` does nothing beside `digest`"),
        ({**BUILD, "platforms": ["Linux"]}, "platforms[0]"),
        ({**BUILD, "username": "ci"}, "`username` and `password` need each other"),
        ({**BUILD, "push": True}, "push: unknown key"),
    ],
)
def test_what_contradicts_or_does_nothing_is_refused(given, problem):
    with pytest.raises(ConfigError) as caught:
        validate(ImageBuildSpec, given, "x")
    assert problem in str(caught.value)
