"""Backup in a program of somebody's own, for a claim that is not of a stack."""

import pulumi
import pytest

from mcp_stack.backup import Backup
from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.checks.external import declared
from mcp_stack.preview.rendered import rendered
from mcp_stack.server import McpServer
from mcp_stack.spec.alone import VolumeBackupSpec, load_alone
from mcp_stack_proxy.config import ConfigError
from tests.components.conftest import PROXY

ARGS = {"namespace": "team", "existing_claim": "data", "size": "5Gi", "image": PROXY, "to": {"claim": {"size": "10Gi"}}}
BUCKET = {"bucket": "acme-backups", "region": "eu-west-1"}


@pytest.fixture
def made(run):
    """Resources that a program with one Backup makes, by role."""

    def resources(args, name="web"):
        found = run(lambda: Backup(name, args() if callable(args) else args)).resources
        return {one.name.removeprefix(f"{name}-"): one for one in found if one.type.startswith("kubernetes:")}

    return resources


def pod(resource):
    return resource.inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_any_claim_can_be_backed_up_and_proven(made):
    found = made({**ARGS, "pods": {"app": "web"}, "labels": {"cost": "a"}, "run_as_user": 20001, "keep": 3})
    assert set(found) == {"backup-account", "backup-network", "backup-claim", "backup-job", "backup-proof"}
    job = pod(found["backup-job"])
    (container,) = job["containers"]
    assert container["args"] == ["backup", "--from", "/data", "--to", "/backups", "--name", "web-data", "--keep", "3"]
    assert [one.get("persistentVolumeClaim", {}).get("claimName") for one in job["volumes"]] == [None, "data", "web-backups"]
    (near,) = job["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert near["labelSelector"] == {"matchLabels": {"app": "web"}}
    assert job["volumes"][0]["emptyDir"]["sizeLimit"] == "10Gi"
    assert job["securityContext"]["runAsUser"] == 20001
    assert found["backup-job"].inputs["metadata"]["labels"]["cost"] == "a"


def test_the_claim_with_the_backups_outlives_the_program(made):
    found = made(ARGS)
    kept = {role for role, one in found.items() if one.options.get("retainOnDelete")}
    assert kept == {"backup-claim"}


def test_a_claim_that_nobody_writes_to_is_backed_up_anywhere(made):
    found = made({**ARGS, "verify": {"enabled": False}, "tolerations": [{"key": "disk"}]})
    assert "backup-proof" not in found
    assert "affinity" not in pod(found["backup-job"])
    assert pod(found["backup-job"])["tolerations"] == [{"key": "disk", "operator": "Exists"}]


def test_a_bucket_may_come_from_the_same_program(made):
    """Its name is known when it exists, and passes through to where the API server reads it."""

    def args():
        bucket = pulumi.Output.from_input("made-later").apply(lambda known: known)
        s3 = {**BUCKET, "bucket": bucket, "service_account_annotations": {"eks.amazonaws.com/role-arn": "arn:one"}}
        return {**ARGS, "to": {"s3": s3}, "image": {**PROXY, "pull_secrets": ["ghcr"]}}

    found = made(args)
    (container,) = pod(found["backup-job"])["containers"]
    assert container["args"][4] == "s3://$(BUCKET)"
    assert {"name": "BUCKET", "value": "made-later"} in container["env"]
    assert found["backup-account"].inputs["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": "arn:one"}
    assert pod(found["backup-job"])["imagePullSecrets"] == [{"name": "ghcr"}]


def test_outputs_name_what_was_made(run):
    def program():
        one = Backup("web", ARGS)
        other = Backup("far", {**ARGS, "to": {"s3": {**BUCKET, "credentials": {"existing_secret": "keys"}}}})
        third = Backup("old", {**ARGS, "to": {"existing_claim": {"name": "vault"}}})
        for name, made in (("one", one), ("other", other), ("third", third)):
            pulumi.export(name, [made.job_name, made.target_claim])

    outputs = run(program).outputs
    assert outputs == {"one": ["web-backup", "web-backups"], "other": ["far-backup", None], "third": ["old-backup", "vault"]}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"to": {}}, "to: required"),
        ({"schedule": "x"}, "schedule: 'x' is no schedule"),
        ({"to": {"existing_claim": {"name": "data"}}}, "to.existing_claim.name: 'data' is what is backed up"),
        (
            {"to": {"s3": {**BUCKET, "credentials": {key: {"secret": "a"} for key in ("access_key_id", "secret_access_key")}}}},
            "to.s3.credentials.access_key_id: names a secret that a stack declares",
        ),
    ],
)
def test_what_is_wrong_is_named(changes, why):
    with pytest.raises(ConfigError) as caught:
        load_alone(VolumeBackupSpec, {**ARGS, **changes}, "Backup 'web'", "web")
    assert why in str(caught.value)


def test_what_is_made_fits_together(run):
    """References, network policies and pod security of a Backup and of a server with backups, each alone."""

    def program():
        Backup("web", {**ARGS, "to": {"s3": {**BUCKET, "credentials": {"existing_secret": "keys"}}}})
        McpServer(
            "notes",
            {
                "namespace": "team",
                "image": {"repository": "ghcr.io/acme/notes", "tag": "1.0.0"},
                "proxy_image": PROXY,
                "storage": {"claims": {"data": {"path": "/data", "size": "1Gi"}}},
                "backup": {"to": {"claim": {"size": "2Gi"}}},
            },
        )

    external = declared(["Namespace/team", "PersistentVolumeClaim/team/data", "Secret/team/keys"])
    found = check_objects(rendered("any", "test", run(program)).objects, external)
    assert [str(one) for one in found if one.fails] == []
