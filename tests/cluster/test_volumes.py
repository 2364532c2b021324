"""Volumes that are there: an update that would not change them, or that would end them, does not begin."""

import copy

import pytest

from mcp_stack.cluster.api import connect
from mcp_stack.cluster.volumes import volume_findings
from mcp_stack.preview.rendered import KubeObject

SETS = "/apis/apps/v1/namespaces/mcp/statefulsets"
CLAIMS = "/api/v1/namespaces/mcp/persistentvolumeclaims"
CLASS = "/apis/storage.k8s.io/v1/storageclasses/fast"


def claim(size="10Gi", storage_class="fast", mode="ReadWriteOnce"):
    named = {"storageClassName": storage_class} if storage_class else {}
    return {"accessModes": [mode], "resources": {"requests": {"storage": size}}, "volumeMode": "Filesystem", **named}


def stateful_set(when_deleted="Retain", replicas=1, **given):
    template = {"metadata": {"name": "data"}, "spec": claim(**given)}
    spec = {
        "replicas": replicas,
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": when_deleted},
        "volumeClaimTemplates": [template],
    }
    metadata = {"name": "mcp-db", "namespace": "mcp"}
    return KubeObject({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec})


@pytest.fixture
def there(cluster, config):
    """A cluster that holds a StatefulSet and the claims of its pods, of the sizes that are given."""

    def held(live=None, *sizes, **given):
        if live is not None:
            spec = copy.deepcopy(live.plain["spec"])
            spec["volumeClaimTemplates"][0] |= {"apiVersion": "v1", "status": {"phase": "Pending"}}  # as the API server shows it
            cluster.hold(f"{SETS}/mcp-db", spec=spec)
        for replica, size in enumerate(sizes):
            name = f"data-mcp-db-{replica}"
            path = f"{CLAIMS}/{name}"
            cluster.hold(path, spec=claim(size, **given))
            cluster.paths[path]["metadata"]["namespace"] = "mcp"
        return cluster

    return held


def said(*objects):
    with connect() as api:
        return [str(one) for one in volume_findings(objects, api)]


GROW = (
    "error: PersistentVolumeClaim mcp/data-mcp-db-{}: has 10Gi, the stack says 20Gi, and a StatefulSet leaves volumes that are "
    "there as they are; let it grow first: kubectl patch pvc data-mcp-db-{} -n mcp -p "
    '\'{{"spec":{{"resources":{{"requests":{{"storage":"20Gi"}}}}}}}}\' (used by StatefulSet mcp/mcp-db) [cluster]'
)


@pytest.mark.parity("stack.prerequisites")
def test_every_volume_that_is_too_small_is_told_with_the_command_that_lets_it_grow(there):
    cluster = there(stateful_set(replicas=2), "10Gi", "10Gi")
    cluster.hold(CLASS, allowVolumeExpansion=True)
    assert said(stateful_set(replicas=3, size="20Gi")) == [GROW.format(0, 0), GROW.format(1, 1)]
    there(None, "20Gi", "20Gi")
    assert said(stateful_set(replicas=3, size="20Gi")) == []


@pytest.mark.parametrize("size", ["10Gi", "10240Mi", "10737418240", "12e9"])
def test_volumes_that_fit_are_no_finding(there, size):
    there(stateful_set(), size)
    assert said(stateful_set()) == []
    assert said(stateful_set(size="10240Mi")) == []


def test_a_class_that_lets_no_volume_grow_is_told_at_once(there):
    there(stateful_set(), "10Gi").hold(CLASS)
    (line,) = said(stateful_set(size="20Gi"))
    assert "its class fast lets no volume grow (`allowVolumeExpansion`); copy the data to a volume of another name" in line


def test_no_volume_shrinks(there):
    there(stateful_set(), "10Gi")
    (line,) = said(stateful_set(size="5Gi"))
    assert "has 10Gi, and no volume shrinks to 5Gi; say 10Gi, or copy" in line


def test_a_volume_that_somebody_let_grow_is_left_alone_while_the_stack_says_what_it_said(there):
    there(stateful_set(), "40Gi")
    assert said(stateful_set()) == []


def test_a_small_volume_of_a_server_that_does_not_change_is_a_warning(there):
    there(stateful_set(size="20Gi"), "10Gi", storage_class=None)
    (line,) = said(stateful_set(size="20Gi"))
    assert line.startswith("warning: PersistentVolumeClaim mcp/data-mcp-db-0: has 10Gi")


def test_volumes_that_an_earlier_server_left_are_looked_at_too(there):
    there(None, "10Gi")
    (line,) = said(stateful_set(size="20Gi"))
    assert line.startswith("error: PersistentVolumeClaim mcp/data-mcp-db-0: has 10Gi")


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"storage_class": "slow"}, "has the class fast for good, and the stack says slow; keep it, or"),
        ({"mode": "ReadWriteMany"}, "has the access mode ReadWriteOnce for good, and the stack says ReadWriteMany; keep it, or"),
    ],
)
def test_what_a_volume_keeps_for_good_is_told(there, given, what):
    there(stateful_set(), "10Gi")
    (line,) = said(stateful_set(**given))
    assert what in line


def test_a_class_that_nobody_names_fits_whatever_the_cluster_gave(there):
    there(stateful_set(storage_class=None), "10Gi")
    assert said(stateful_set(storage_class=None)) == []


def test_an_update_that_would_delete_all_data_does_not_begin(there):
    there(stateful_set("Delete"), "20Gi")
    (line,) = said(stateful_set("Delete", size="20Gi"))
    assert line.startswith("error: StatefulSet mcp/mcp-db spec.volumeClaimTemplates: a change of `claims` makes it anew")
    assert "bring `when_deleted: Retain` up by itself first" in line
    assert said(stateful_set("Delete")) == []
    there(stateful_set(), "20Gi")
    assert said(stateful_set(size="20Gi")) == []


def backups(**given):
    metadata = {"name": "mcp-db-backup-0", "namespace": "mcp"}
    return KubeObject({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": claim(**given)})


def test_a_claim_of_the_stack_grows_by_itself_and_is_never_made_anew(there):
    cluster = there()
    assert said(backups()) == []
    cluster.hold(f"{CLAIMS}/mcp-db-backup-0", spec=claim())
    cluster.hold(CLASS, allowVolumeExpansion=True)
    assert said(backups(), backups(size="20Gi")) == []
    (line,) = said(backups(size="5Gi"))
    assert "no volume shrinks to 5Gi" in line
    (line,) = said(backups(storage_class="slow"))
    assert "keep it, or copy the data to a volume of another name, because to make it anew deletes what is in it" in line
    cluster.hold(CLASS)
    (line,) = said(backups(size="20Gi"))
    assert "has 10Gi, and the stack says 20Gi; its class fast lets no volume grow" in line


def test_volumes_that_may_not_be_looked_at_are_told(there):
    there(stateful_set(), "10Gi").forbidden.add(f"{CLAIMS}/data-mcp-db-0")
    (line,) = said(stateful_set())
    assert line.startswith("warning: StatefulSet mcp/mcp-db: may not be looked at, so nobody knows what becomes of its volumes")


def test_objects_without_volumes_are_not_asked_for(there):
    cluster = there()
    others = [
        KubeObject({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "a"}}) for kind in ("StatefulSet", "Deployment")
    ]
    assert said(*others) == []
    assert cluster.asked == []
