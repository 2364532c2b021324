"""Images that are the same tomorrow."""

import pytest

from tests.preview.checks.sound import CONTAINER, expect, findings

PATH = "spec.template.spec.containers[clock].image"


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("acme/clock", "is another image tomorrow"),
        ("acme/clock:latest", "is another image tomorrow"),
        ("registry:5000/acme/clock", "is another image tomorrow"),
        ("acme/clock@sha256:12", "has no valid digest"),
        ("", "missing: name an image"),
    ],
)
def test_an_image_that_moves_is_found(image, text):
    expect("images", [("Deployment clock", (*CONTAINER, "image"), image)], [("Deployment shop/clock", PATH, text)])


@pytest.mark.parametrize("image", ["acme/clock:1", "registry:5000/acme/clock:1.2.3", f"acme/clock:latest@sha256:{'a' * 64}"])
def test_an_image_with_a_version_is_fine(image):
    assert findings(("Deployment clock", (*CONTAINER, "image"), image)) == []
