"""Backups on a node: taken while servers write, proven, and restored into fresh volumes as the documentation says."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from mcp_stack.cluster.commands import look
from tests.e2e.node.kept.store import BUCKET, NAMESPACE, PREFIX, REGION, STACK, documented

SERVERS = ("notes", "drafts")
NOTICE_SECONDS = 30
AUDIT_SECONDS = 300
WEEK_SECONDS = 7 * 86400


@pytest.fixture(scope="module")
def failed(store, audit):
    """What is seen of a backup without a bucket, and of a proof without a backup; the calls of `audit` begin first."""
    jobs = [
        store.triggered(f"{STACK}-notes-backup-data-0", "notes-fails"),
        store.triggered(f"{STACK}-drafts-verify-data-0", "drafts-fails"),
    ]
    for job in jobs:
        store.ended(job)
    return diagnosed(store)


@pytest.fixture(scope="module")
def before(store):
    """What servers had when their backups were taken."""
    return {server: store.read(server) for server in SERVERS}


@pytest.fixture(scope="module")
def taken(store, failed, before, bucket):
    """What the jobs said that took backups, and then those that proved them; all triggered by hand, at once."""
    bucket.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def both(server):
        done = store.told(store.triggered(f"{STACK}-{server}-backup-data-0", f"{server}-now"))
        return done, store.told(store.triggered(f"{STACK}-{server}-verify-data-0", f"{server}-proof"))

    with ThreadPoolExecutor() as pool:
        return dict(zip(SERVERS, pool.map(both, SERVERS), strict=True))


@pytest.mark.parity("stack.diagnose")
def test_a_backup_that_fails_is_seen_with_its_cause_until_one_succeeds(store, failed, taken):
    backup, proof = (f"CronJob {NAMESPACE}/{STACK}-{name}-data-0" for name in ("notes-backup", "drafts-verify"))
    assert failed.keys() == {backup, proof}
    assert failed[backup].condition == "Failed=True (BackoffLimitExceeded)"
    assert "NoSuchBucket; make the bucket" in failed[backup].message
    assert failed[proof].condition == "Failed=True (PodFailurePolicy)"
    assert "does not hold a backup" in failed[proof].message
    assert diagnosed(store) == {}


def test_a_backup_is_taken_while_the_server_writes_and_lies_where_the_stack_file_says(taken, bucket):
    for server, (done, proof) in taken.items():
        name = f"{STACK}-{server}-data-0"
        assert (done["command"], done["name"], done["databases"], done["kept"]) == ("backup", name, 1, 1)
        assert (proof["command"], proof["name"], proof["id"]) == ("verify-backup", name, done["id"])
    objects = [one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert [key for key in objects if key.startswith(f"{PREFIX}/") and taken["notes"][0]["id"] in key]


def test_jobs_run_restricted_beside_the_pod_whose_data_they_read_and_do_not_stay(store, taken):
    space = store.api.get(f"/api/v1/namespaces/{NAMESPACE}")
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for server in taken:
        (pod,) = store.api.list("v1", "Pod", NAMESPACE, labelSelector=f"batch.kubernetes.io/job-name={server}-now")
        assert pod["spec"]["nodeName"] == store.ready(server)["spec"]["nodeName"]
        job = store.ended(f"{server}-now")
        assert job["spec"]["ttlSecondsAfterFinished"] == WEEK_SECONDS
        (owner,) = job["metadata"]["ownerReferences"]  # whose limits of history hold for it, too
        assert (owner["kind"], owner["name"]) == ("CronJob", f"{STACK}-{server}-backup-data-0")


def test_a_job_that_was_triggered_by_hand_counts_for_the_alert_on_overdue_backups(store, taken):
    for server in taken:
        path = f"/apis/batch/v1/namespaces/{NAMESPACE}/cronjobs/{STACK}-{server}-backup-data-0"
        store.api.wait(path, lambda one: one["status"].get("lastSuccessfulTime"), NOTICE_SECONDS, "known to have succeeded")


def test_a_lost_volume_is_restored_by_the_documented_commands(store, audit, before, taken, bucket):
    if shutil.which("jq") is None:
        pytest.skip("no jq, which the documented commands use")
    audit.result(AUDIT_SECONDS)  # whose calls need the servers

    def lost_and_restored(server):
        store.scaled(server, 0)
        lost, fresh, restore = (block.replace("notes", server) for block in documented("Restore, step by step"))
        store.run(lost)
        store.run(fresh)
        store.run(of_this_stack(server, restore, taken[server][0]["id"], bucket.meta.endpoint_url))
        done = store.told(f"restore-{server}")
        store.scaled(server, 1)
        return done, store.read(server, before[server]["most"])

    with ThreadPoolExecutor() as pool:
        for server, (done, after) in zip(SERVERS, pool.map(lost_and_restored, SERVERS), strict=True):
            assert (done["command"], done["id"]) == ("restore", taken[server][0]["id"])
            assert before[server]["rows"] > 1
            assert after == before[server]


def of_this_stack(server, block, backup_id, endpoint):
    """The documented command with what is another here: its name, the id, and where backups are."""
    block = block.replace("job restore ", f"job restore-{server} ").replace("@ID", f"@{backup_id}")
    if server == "notes":
        return block.replace(f'"--region", "{REGION}"', f'"--region", "{REGION}", "--endpoint", "{endpoint}"')
    block = re.sub(r'"s3://[^"@]*@', '"/backups@', block)
    return block.replace(f' "--region", "{REGION}",', "")


def diagnosed(store):
    """What `mcp-stack diagnose` finds of backups, by object; meanwhile a rollout of the gateway may be on its way."""
    seen = look(store.project, STACK, None, None)
    assert seen.refused == []
    return {one.object: one for one in seen.found if one.object.startswith("CronJob ")}
