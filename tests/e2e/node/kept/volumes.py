"""Volumes for tests: the class that the cluster has by default, else directories of this machine, which is the node."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.api import Api
from tests.e2e.cluster import Cluster

SIZE = "64Mi"
DEFAULT = "storageclass.kubernetes.io/is-default-class"


@contextmanager
def provided(cluster: Cluster, api: Api, home: Path, storage_class: str, names: Sequence[str]) -> Iterator[str]:
    """Class of which there are at least as many volumes as `names`. Those that are made are `storage_class`, and go again."""
    usual = [
        one
        for one in api.list("storage.k8s.io/v1", "StorageClass")
        if one["metadata"].get("annotations", {}).get(DEFAULT) == "true"
    ]
    if usual:
        yield usual[0]["metadata"]["name"]
        return
    if cluster.given:
        pytest.skip("the cluster has no default StorageClass")
    for parent in (home, *home.parents[:2]):
        parent.chmod(0o755)
    for name in names:
        (home / name).mkdir()
        (home / name).chmod(0o777)  # the pod's group is made the owner of no hostPath
        api.apply(_volume(f"e2e-{storage_class}-{name}", storage_class, home / name), "e2e")
    yield storage_class
    api.delete(*(f"/api/v1/persistentvolumes/e2e-{storage_class}-{name}" for name in names))
    shutil.rmtree(home)


def _volume(name: str, storage_class: str, path: Path) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "storageClassName": storage_class,
            "capacity": {"storage": SIZE},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(path), "type": "Directory"},
        },
    }
