"""Where the gateway's records go, and the volume that keeps them."""

from tests.spec.keys.room import Data, Path, Room

VOLUMES: Data = {"claim": {"size": "5Gi"}, "existing_claim": {"name": "one"}}


def _before(data: Data, path: Path) -> None:
    if path[:3] != ("gateway", "audit", "files"):
        return
    kind = "existing_claim" if "existing_claim" in path or path[-1] == "max_bytes" else "claim"
    data["gateway"]["audit"] = {"files": {kind: dict(VOLUMES[kind])}}
    data["gateway"]["replicas"] = 1


ROOM = Room(
    modules=("audit",),
    values={
        "enabled": (True, False),
        "arguments": ("digest", "full"),
        "flush_seconds": (1.0, 2.0),
        "buffer_bytes": (100001, 100002),
        "output": ("stdout", "stderr"),
        "claim.size": ("1Gi", "2Gi"),
        "claim.storage_class": ("one", "two"),
        "claim.access_mode": ("ReadWriteOnce", "ReadWriteMany"),
        "files.max_bytes": (10**9, 10**9 + 1),
        "max_file_bytes": (10**6, 10**6 + 1),
        "max_age": ("24h", "48h"),
        "sync": (True, False),
    },
    before=_before,
)
