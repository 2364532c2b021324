import pytest

from mcp_stack.spec.image import ImageDefaults, ImageSpec, image_reference, pull_secrets

DIGEST = "sha256:" + "a" * 64
DEFAULTS = ImageDefaults(registry="ghcr.io/acme", pull_secrets=["regcred"])


@pytest.mark.parity("stack.image-registry", "stack.image-reference")
@pytest.mark.parametrize(
    ("image", "reference"),
    [
        ({"repository": "github", "tag": "1.2.3"}, "ghcr.io/acme/github:1.2.3"),
        ({"repository": "mcp/github", "digest": DIGEST}, f"ghcr.io/acme/mcp/github@{DIGEST}"),
        ({"repository": "github", "tag": "1.2.3", "digest": DIGEST}, f"ghcr.io/acme/github:1.2.3@{DIGEST}"),
        ({"repository": "github", "tag": "1", "registry": "quay.io"}, "quay.io/github:1"),
        ({"repository": "docker.io/library/mongo", "tag": "7.0"}, "docker.io/library/mongo:7.0"),
        ({"repository": "localhost/x", "tag": "1"}, "localhost/x:1"),
        ({"repository": "host:5000/x", "tag": "1"}, "host:5000/x:1"),
    ],
)
def test_references(image, reference):
    assert image_reference(ImageSpec(**image), DEFAULTS) == reference


def test_without_any_registry_the_runtime_decides():
    assert image_reference(ImageSpec(repository="mongo", tag="7.0"), ImageDefaults()) == "mongo:7.0"


@pytest.mark.parity("stack.image-registry")
@pytest.mark.parametrize(
    ("image", "secrets"),
    [
        ({"repository": "github"}, ["regcred"]),
        ({"repository": "github", "registry": "ghcr.io/acme"}, ["regcred"]),
        ({"repository": "github", "registry": "quay.io"}, []),
        ({"repository": "docker.io/library/mongo"}, []),
        ({"repository": "github", "registry": "quay.io", "pull_secrets": ["quay"]}, ["quay"]),
        ({"repository": "github", "pull_secrets": []}, []),
    ],
)
def test_pull_secrets_follow_the_registry_in_use(image, secrets):
    assert pull_secrets(ImageSpec(**image), DEFAULTS) == secrets


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ({"repository": "github:1.2"}, "'github:1.2' is no repository, such as acme/github; tag and digest have keys of their own"),
        ({"repository": "UPPER"}, "is no repository"),
        ({"repository": "a", "tag": "no tag"}, "is no tag"),
        ({"repository": "a", "digest": "sha256:abc"}, "is no digest: `sha256:` and 64 hexadecimal digits"),
        ({"repository": "a", "registry": "https://x"}, "is no registry, such as ghcr.io/acme"),
    ],
)
def test_what_cannot_be_pulled_is_refused(problems, image, message):
    found = problems({"servers.web.image": {"tag": "1", **image}})
    assert len(found) == 1
    assert message in found[0]
