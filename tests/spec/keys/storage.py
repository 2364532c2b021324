"""Volumes and claims."""

import copy

from tests.spec.keys.room import Data, Path, Room, at

VOLUMES: Data = {
    "empty_dir": {},
    "existing_claim": {"name": "one"},
    "existing_config_map": {"name": "one"},
    "existing_secret": {"name": "one"},
    "token": {"audience": "one"},
    "ephemeral": {"size": "5Gi"},
    "csi": {"driver": "one.example"},
}
"""A volume of each kind."""


def _before(data: Data, path: Path) -> None:
    own, last = at(data, path), path[-1]
    if "storage" in path:
        own["storage"] = {"claims": {"own": {"path": "/own", "size": "5Gi"}}}
        own["replicas"] = 2 if last == "replicated" else 1
    if last == "storage_class" and not {"storage", "volumes"}.intersection(path):
        data["servers"][path[1] if path[0] == "servers" else "image"]["storage"] = {
            "claims": {"own": {"path": "/own", "size": "5Gi"}}
        }
    if "volumes" in path:
        kind = path[path.index("volumes") + 2]
        own["volumes"] = {"own": {"path": "/own", **copy.deepcopy({kind: VOLUMES[kind]} if kind in VOLUMES else {"empty_dir": {}})}}


ROOM = Room(
    modules=("storage",),
    values={
        "expiration_seconds": (700, 800),
        "name": ("one", "two"),
        "path": ("/one", "/two"),
        "size": ("1Gi", "2Gi"),
        "storage_class": ("one", "two"),
        "claims.*.access_mode": ("ReadWriteOnce", "ReadWriteMany"),
        "to.existing_claim.access_mode": ("ReadWriteOnce", "ReadWriteMany"),
        "files.existing_claim.access_mode": ("ReadWriteOnce", "ReadWriteMany"),
        "access_mode": ("ReadWriteOnce", "ReadOnlyMany"),
        "when_deleted": ("Retain", "Delete"),
        "when_scaled": ("Retain", "Delete"),
        "replicated": (True, False),
        "memory": (True, False),
        "items": ({"one": "a"}, {"one": "b"}),
        "audience": ("one", "two"),
        "driver": ("one.example", "two.example"),
        "attributes": ({"one": "a"}, {"one": "b"}),
        "existing_secret": ("one", "two"),
        "fs_type": ("ext4", "xfs"),
        "read_only": (True, False),
    },
    refusals=("storage.replicated",),
    before=_before,
)
