"""The CronJobs of a stack: what they run, what they see, whom they reach."""

from dataclasses import replace

import pytest

from mcp_stack.manifests.backups import backup_objects, job_names
from mcp_stack.preview.flows.declared import declared_flows, own_pods
from mcp_stack.spec.gateway import ProxySpec
from mcp_stack_proxy.config import VARIABLES_DIR

DATA = {"path": "/var/lib/web", "size": "5Gi"}
STORAGE = {"servers.web.storage": {"claims": {"data": DATA}}}
TO_CLAIM = {"claim": {"size": "10Gi", "storage_class": "archive"}}
S3 = {"bucket": "acme-backups", "region": "eu-west-1"}


@pytest.fixture
def backed(render):
    """Objects of a stack whose server `web` is backed up; further keys of `backup`, then any other changes."""
    return lambda backup, changes=None: render({**STORAGE, "servers.web.backup": {"to": TO_CLAIM, **backup}, **(changes or {})})


def job(rendered, name):
    return rendered.one("CronJob", name)["spec"]


def pod(rendered, name):
    return job(rendered, name)["jobTemplate"]["spec"]["template"]["spec"]


def container(rendered, name):
    (found,) = pod(rendered, name)["containers"]
    return found


def test_a_job_runs_when_it_is_told_and_never_beside_itself(backed):
    said = {"schedule": "0 3 * * 1-5", "time_zone": "Europe/Berlin", "start_within_seconds": 600, "max_seconds": 900, "retries": 1}
    found = job(backed(said), "test-web-backup-data-0")
    template = found.pop("jobTemplate")["spec"]
    assert found == {
        "schedule": "0 3 * * 1-5",
        "timeZone": "Europe/Berlin",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 600,
        "suspend": False,
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
    }
    assert (template["activeDeadlineSeconds"], template["backoffLimit"], template["ttlSecondsAfterFinished"]) == (900, 1, 7 * 86400)
    assert template["template"]["spec"]["restartPolicy"] == "Never"
    (ran,) = template["template"]["spec"]["containers"]
    assert ran["terminationMessagePolicy"] == "FallbackToLogsOnError"  # or the pod's status would not say why it failed


def test_by_default_it_is_two_in_the_morning_seven_are_kept_and_jobs_go_after_a_week(backed):
    found = backed({})
    assert job(found, "test-web-backup-data-0")["schedule"] == "0 2 * * *"
    assert container(found, "test-web-backup-data-0")["args"] == [
        *("backup", "--from", "/data", "--to", "/backups", "--name", "test-web-data-0", "--keep", "7")
    ]


def test_patterns_are_no_options_and_no_variables(backed):
    found = container(backed({"exclude": ["-x*", "$(HOME)/*"]}), "test-web-backup-data-0")
    assert found["args"][-2:] == ["--exclude=-x*", "--exclude=$$(HOME)/*"]


def test_a_try_that_would_end_alike_is_not_repeated_and_an_eviction_is_no_try(backed):
    policy = job(backed({}), "test-web-backup-data-0")["jobTemplate"]["spec"]["podFailurePolicy"]
    ignored, failed = policy["rules"]
    assert ignored == {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
    assert failed["onExitCodes"] == {"containerName": "backup", "operator": "In", "values": [2, 4]}


def test_the_data_are_mounted_read_only_and_next_to_who_writes_them(backed):
    found = pod(backed({}), "test-web-backup-data-0")
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "data-test-web-0"}} in found["volumes"]
    (mounts,) = [one["volumeMounts"] for one in found["containers"]]
    assert {"name": "data", "mountPath": "/data", "readOnly": True} in mounts
    assert {"name": "backups", "mountPath": "/backups"} in mounts
    (term,) = found["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term == {
        "topologyKey": "kubernetes.io/hostname",
        "labelSelector": {
            "matchLabels": {
                "app.kubernetes.io/instance": "test",
                "app.kubernetes.io/name": "web",
                "statefulset.kubernetes.io/pod-name": "test-web-0",
            }
        },
    }


def test_the_proof_sees_the_backups_only_and_cannot_change_them(backed):
    found = backed({})
    spec = pod(found, "test-web-verify-data-0")
    assert container(found, "test-web-verify-data-0")["args"] == [
        "verify-backup",
        "--from",
        "/backups",
        "--name",
        "test-web-data-0",
    ]
    assert [one["name"] for one in spec["volumes"]] == ["scratch-0", "backups"]
    assert {"name": "backups", "mountPath": "/backups", "readOnly": True} in spec["containers"][0]["volumeMounts"]
    assert "preferredDuringSchedulingIgnoredDuringExecution" in spec["affinity"]["podAffinity"]
    assert not backed({"verify": {"enabled": False}}).has("CronJob", "test-web-verify-data-0")


@pytest.mark.parametrize("to", [{"s3": S3}, {"existing_claim": {"name": "one", "access_mode": "ReadWriteMany"}}])
def test_a_proof_runs_anywhere_where_backups_can_be_read_anywhere(backed, to):
    assert "affinity" not in pod(backed({"to": to}), "test-web-verify-data-0")


def test_a_claim_for_backups_stays_and_nobody_waits_for_it(backed):
    claim = backed({}).one("PersistentVolumeClaim", "test-web-backup-0")
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10Gi"}},
        "volumeMode": "Filesystem",
        "storageClassName": "archive",
    }
    assert claim["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"


def test_an_existing_claim_is_mounted_and_none_is_made(backed):
    found = backed({"to": {"existing_claim": {"name": "vault"}}})
    volumes = pod(found, "test-web-backup-data-0")["volumes"]
    assert {"name": "backups", "persistentVolumeClaim": {"claimName": "vault"}} in volumes
    assert [one for one in found if one["kind"] == "PersistentVolumeClaim"] == []


def test_each_volume_of_each_pod_has_a_job_of_its_own(backed):
    several = {
        "servers.web.storage": {"claims": {"data": DATA, "index": {"path": "/index", "size": "1500M"}}, "replicated": True},
        "servers.web.replicas": 2,
    }
    found = backed({}, several)
    names = [one["metadata"]["name"] for one in found if one["kind"] == "CronJob" and "backup" in one["metadata"]["name"]]
    assert sorted(names) == [f"test-web-backup-{volume}-{number}" for volume in ("data", "index") for number in (0, 1)]
    claims = {volume["persistentVolumeClaim"]["claimName"] for name in names for volume in pod(found, name)["volumes"][1:]}
    targets = {"test-web-backup-0", "test-web-backup-1"}
    assert claims == {*targets, "data-test-web-0", "data-test-web-1", "index-test-web-0", "index-test-web-1"}
    assert {one["metadata"]["name"] for one in found if one["kind"] == "PersistentVolumeClaim"} == targets
    scratch = {name: pod(found, name)["volumes"][0]["emptyDir"]["sizeLimit"] for name in names}
    assert scratch["test-web-backup-data-0"] == "10Gi"
    assert scratch["test-web-backup-index-0"] == "2862Mi"


def test_room_for_copies_counts_among_the_limits(backed):
    found = container(backed({"scratch": "3Gi"}), "test-web-backup-data-0")
    assert found["resources"]["limits"]["ephemeral-storage"] == "4Gi"


def test_names_fit_what_jobs_are_made_of_them(backed):
    storage = {"claims": {"a" * 40: DATA}}
    names = [
        one["metadata"]["name"]
        for one in backed({}, {"servers.web.storage": storage, "servers.web.formerly": "w" * 40})
        if one["kind"] == "CronJob"
    ]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 52


def test_a_server_that_was_renamed_keeps_its_volumes_and_its_row_of_backups(backed):
    found = backed({}, {"servers.web.formerly": "site"})
    assert container(found, "test-site-backup-data-0")["args"][6] == "test-site-data-0"
    volumes = pod(found, "test-site-backup-data-0")["volumes"]
    assert "data-test-site-0" in [one.get("persistentVolumeClaim", {}).get("claimName") for one in volumes]


def test_a_bucket_is_reached_with_keys_from_files(backed):
    to = {
        "s3": {**S3, "prefix": "a/b", "credentials": {key: {"secret": "token"} for key in ("access_key_id", "secret_access_key")}}
    }
    found = container(backed({"to": to}), "test-web-backup-data-0")
    assert found["args"][3:5] == ["--to", "s3://acme-backups/a/b"]
    assert found["args"][-2:] == ["--region", "eu-west-1"]
    assert {"name": VARIABLES_DIR, "value": "/secrets"} in found["env"]
    spec = pod(backed({"to": to}), "test-web-backup-data-0")
    (secrets,) = [one["projected"]["sources"] for one in spec["volumes"] if one["name"] == "secrets"]
    assert [item["path"] for one in secrets for item in one["secret"]["items"]] == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    assert "emptyDir" in spec["volumes"][0]


def test_a_bucket_may_be_reached_with_keys_of_somebody_else(backed):
    to = {"s3": {**S3, "credentials": {"existing_secret": "keys"}}}
    sources = pod(backed({"to": to}), "test-web-verify-data-0")["volumes"][-1]["projected"]["sources"]
    assert {one["secret"]["name"] for one in sources} == {"keys"}


def test_a_workload_identity_is_an_annotation_of_an_account_without_a_token(backed):
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/backups"}
    found = backed({"to": {"s3": {**S3, "service_account_annotations": role}}})
    account = found.one("ServiceAccount", "test-web-backup")
    assert account["metadata"]["annotations"] == {"owner": "platform", **role}
    assert account["automountServiceAccountToken"] is False
    assert pod(found, "test-web-backup-data-0")["serviceAccountName"] == "test-web-backup"
    assert pod(found, "test-web-backup-data-0")["automountServiceAccountToken"] is False


def test_a_bucket_that_is_known_later_is_a_variable(backed):
    class Later:
        def apply(self):
            """As an output has it."""

    later = Later()
    found = container(backed({"to": {"s3": {**S3, "bucket": later}}}), "test-web-backup-data-0")
    assert found["args"][4] == "s3://$(BUCKET)"
    assert {"name": "BUCKET", "value": later} in found["env"]


def policy(rendered):
    return rendered.one("NetworkPolicy", "test-web-backup")["spec"]


def test_jobs_with_a_volume_reach_nobody_and_nobody_reaches_them(backed):
    found = policy(backed({}))
    assert (found["ingress"], found["egress"], found["policyTypes"]) == ([], [], ["Ingress", "Egress"])
    assert found["podSelector"] == {"matchLabels": {"app.kubernetes.io/instance": "test", "app.kubernetes.io/name": "web-backup"}}


@pytest.mark.parametrize(
    ("s3", "wanted"),
    [
        ({}, [{"protocol": "TCP", "port": 443}]),
        ({"endpoint": "https://storage.example.com:9443"}, [{"protocol": "TCP", "port": 9443}]),
        ({"egress": [{"cidr": "10.9.0.0/24", "ports": [9000]}]}, [{"protocol": "TCP", "port": 9000}]),
        ({"egress": [{"namespace": "storage", "pods": {"app": "minio"}}]}, None),
    ],
)
def test_jobs_with_a_bucket_reach_its_port_and_the_resolver(backed, s3, wanted):
    dns, *others = policy(backed({"to": {"s3": {**S3, **s3}}}))["egress"]
    assert {port["port"] for port in dns["ports"]} == {53}
    assert [one.get("ports") for one in others] == [wanted]


def test_an_endpoint_in_the_cluster_is_reached_in_its_namespace(backed):
    _, rule = policy(backed({"to": {"s3": {**S3, "endpoint": "http://minio.storage.svc:9000"}}}))["egress"]
    assert rule == {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "storage"}}}]}
    args = container(backed({"to": {"s3": {**S3, "endpoint": "http://minio.storage.svc:9000"}}}), "test-web-backup-data-0")["args"]
    assert args[-2:] == ["--endpoint", "http://minio.storage.svc:9000"]


def test_the_flows_of_the_jobs_are_declared(backed):
    spec = backed({"to": {"s3": {**S3, "egress": [{"cidr": "10.9.0.0/24", "ports": [9000]}]}}}).spec
    (jobs,) = [one for one in own_pods(spec) if one.labels["app.kubernetes.io/name"] == "web-backup"]
    ways = [flow.why for flow in declared_flows(spec) if flow.source == jobs]
    assert ways == ["network.dns", "network.dns.addresses", "servers.web.backup.to.s3.egress[0]"]
    assert [flow for flow in declared_flows(backed({}).spec) if flow.source == jobs] == []


def test_jobs_get_where_the_data_are(backed):
    changes = {
        "servers.web.tolerations": [{"key": "disk", "operator": "Exists"}],
        "servers.web.node_selector": {"disk": "nvme"},
        "servers.web.security": {"run_as_user": 20001, "user_namespace": True},
    }
    found = pod(backed({}, changes), "test-web-backup-data-0")
    assert found["tolerations"] == [{"key": "disk", "operator": "Exists"}]
    assert found["nodeSelector"] == {"disk": "nvme"}
    assert found["securityContext"]["runAsUser"] == 20001
    assert found["hostUsers"] is False
    assert found["imagePullSecrets"] == [{"name": "regcred"}]


def test_no_service_and_no_budget_selects_the_jobs(backed):
    found = backed({})
    labels = found.one("CronJob", "test-web-backup-data-0")["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    selectors = [one["spec"]["selector"] for one in found if one["kind"] == "Service"]
    selectors += [one["spec"]["selector"]["matchLabels"] for one in found if one["kind"] in ("PodDisruptionBudget", "StatefulSet")]
    assert selectors
    assert [one for one in selectors if one.items() <= labels.items()] == []


@pytest.mark.parametrize("backup", [{"enabled": False}, None])
def test_without_backups_there_is_nothing_of_them(render, backup):
    changes = {**STORAGE, **({"servers.web.backup": {"to": TO_CLAIM, **backup}} if backup else {})}
    assert [one for one in render(changes) if "backup" in one["metadata"]["name"]] == []


def test_what_runs_has_to_be_named(backed):
    """Rules of the stack file ask for it; whoever builds without them is told, too."""
    spec = replace(backed({}).spec, proxy=ProxySpec())
    with pytest.raises(ValueError, match=r"proxy\.image: required, backups of 'web' run it"):
        backup_objects(spec, "web")


def test_a_server_without_backups_has_no_jobs(backed):
    spec = backed({}).spec
    assert job_names(spec, "web") == ["test-web-backup-data-0"]
    assert job_names(spec, "box") == []


def test_a_backup_that_does_not_come_is_told(backed):
    watched = {"monitoring": {"labels": {}}}
    groups = backed({}, watched).one("PrometheusRule", "test")["spec"]["groups"]
    (alert,) = [one for group in groups for one in group["rules"] if one["alert"] == "MCPBackupOverdue"]
    known = 'kube_cronjob_status_last_successful_time{namespace="mcp-test",cronjob="test-web-backup-data-0"}'
    assert f"time() - max by (namespace, cronjob) ({known}) > 97200" in alert["expr"]
    assert "kube_cronjob_created" in alert["expr"]
    assert alert["labels"]["severity"] == "critical"
    for quiet in ({"suspend": True}, {"enabled": False}):
        rules = backed(quiet, watched).one("PrometheusRule", "test")["spec"]["groups"][0]["rules"]
        assert "MCPBackupOverdue" not in [one["alert"] for one in rules]
