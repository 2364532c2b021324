"""Images that stay what they were."""

from .model import Found, Option, Policy, Program, Settings
from .pods import pods_of
from .resources import Object, dig

MOVING = ["latest", "main", "master", "edge", "nightly", "dev", "develop", "stable", "current"]


def _pinned(item: Object, program: Program, settings: Settings) -> Found:
    pods = pods_of(item)
    for container in pods.containers() if pods else ():
        image = dig(container.spec, "image")
        if not isinstance(image, str) or "@sha256:" in image:
            continue
        tag = image.rpartition("/")[2].partition(":")[2]
        place = f"{container.path}.image"
        if not tag:
            yield place, f"{image!r} has neither tag nor digest, so it is whatever `latest` means when a pod starts"
        elif tag in settings["moving_tags"]:
            yield place, f"{image!r} has the tag {tag!r}, which moves: pods of one rollout may run different code"
        elif settings["require_digest"]:
            yield place, f"{image!r} has a tag and no digest, and a tag can be pushed again"


PINNED_IMAGES = Policy(
    name="pinned-images",
    title="Images are named by a version that does not move.",
    remedy="name a version, or better a digest (`image@sha256:…`)",
    check=_pinned,
    level="mandatory",
    severity="high",
    own={
        "require_digest": Option({"type": "boolean", "default": False, "description": "Whether a tag alone is not enough."}),
        "moving_tags": Option(
            {"type": "array", "items": {"type": "string"}, "default": MOVING, "description": "Tags that are moved by custom."}
        ),
    },
)
