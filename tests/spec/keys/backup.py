"""Backups of volumes."""

import copy

from tests.spec.keys.room import Data, Path, Room, at

TARGETS: Data = {
    "claim": {"size": "10Gi"},
    "existing_claim": {"name": "one"},
    "s3": {"bucket": "acme-backups"},
}
"""A place for backups of each kind."""

PAIR: Data = {"access_key_id": {"secret": "token"}, "secret_access_key": {"secret": "token"}}


def _before(data: Data, path: Path) -> None:
    if "backup" not in path:
        return
    own, inside = at(data, path), path[path.index("backup") + 1 :]
    for name in ("image", "command"):
        data["servers"][name]["storage"] = {"claims": {"own": {"path": "/own", "size": "5Gi"}}}
    kind = inside[1] if inside[0] == "to" else "claim"
    own["backup"] = {"to": {kind: copy.deepcopy(TARGETS[kind])}}
    if "credentials" in inside and inside[-1] != "existing_secret":
        own["backup"]["to"]["s3"]["credentials"] = copy.deepcopy(PAIR)


ROOM = Room(
    modules=("backup",),
    values={
        "backup.enabled": (True, False),
        "verify.enabled": (True, False),
        "schedule": ("0 1 * * *", "0 3 * * 1-5"),
        "time_zone": ("Etc/UTC", "Europe/Berlin"),
        "keep": (3, 4),
        "exclude": (["cache/*"], ["*.tmp"]),
        "suspend": (True, False),
        "start_within_seconds": (600, 700),
        "max_seconds": (600, 700),
        "retries": (1, 3),
        "scratch": ("1Gi", "2Gi"),
        "claim.size": ("10Gi", "20Gi"),
        "claim.storage_class": ("one", "two"),
        "bucket": ("acme-one", "acme-two"),
        "prefix": ("one", "two/three"),
        "region": ("eu-west-1", "us-east-2"),
        "endpoint": ("https://one.example.com", "https://two.example.com"),
        "existing_secret": ("one", "two"),
        "service_account_annotations": ({"example.com/role": "one"}, {"example.com/role": "two"}),
        "egress.0.namespace": ("one", "two"),
        "egress.0.pods": ({"app": "one"}, {"app": "two"}),
        "egress.0.cidr": ("10.8.8.0/24", "10.9.9.0/24"),
        "egress.0.without": (["10.8.0.0/24"], ["10.8.1.0/24"]),
        "egress.0.ports": ([1001], [1002]),
    },
    beside={
        "egress.0.without": ("cidr", "10.8.0.0/16"),
        **dict.fromkeys(("egress.0.pods", "egress.0.ports"), ("namespace", "one")),
    },
    before=_before,
)
