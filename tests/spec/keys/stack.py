"""The stack as a whole, and its images."""

from tests.spec.keys.room import Data, Path, Room

DIGEST, OTHER_DIGEST = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def _before(data: Data, path: Path) -> None:
    if path[0] in ("environment", "domain", "exposure"):
        data["gateway"]["exposure"] = {}


ROOM = Room(
    modules=("stack", "image"),
    values={
        "environment": ("one", "two"),
        "domain": ("a.example", "b.example"),
        "name": ("one", "two"),
        "create": (True, False),
        "when_deleted": ("Retain", "Delete"),
        "labels": ({"team": "a"}, {"team": "b"}),
        "annotations": ({"note": "a"}, {"note": "b"}),
        "registry": ("one.example", "two.example"),
        "pull_policy": ("Always", "Never"),
        "pull_secrets": (["one"], ["two"]),
        "versioning": ("tag", "digest"),
        "repository": ("acme/one", "acme/two"),
        "tag": ("1.0.1", "1.0.2"),
        "digest": (DIGEST, OTHER_DIGEST),
        "registries": ({"ghcr.io/acme": ["one"]}, {"ghcr.io/acme": ["two"]}),
        "constraint": ("^1.0.0", "^2.0.0"),
    },
    refusals=("image.versioning", "image.constraint"),
    before=_before,
)
