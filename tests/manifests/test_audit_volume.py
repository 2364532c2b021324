"""The gateway with a volume for its records: one pod at a time where one alone can mount it."""

import pytest
import yaml

from mcp_stack.preview.declared import declared_by

CLAIM = {"claim": {"size": "10Gi", "storage_class": "fast"}}
SHARED = {"claim": {"size": "10Gi", "access_mode": "ReadWriteMany"}}
KEYS = {"gateway.sessions": {"keys": {"secret": "token"}}}


def config(rendered, part="gateway"):
    return yaml.safe_load(rendered.one("ConfigMap", f"test-{part}-config")["data"]["proxy.yaml"])


def mounts(rendered):
    pod = rendered.one("Deployment", "test-gateway")["spec"]["template"]["spec"]
    (volume,) = [one for one in pod["volumes"] if one["name"] == "audit"]
    (mount,) = [one for one in pod["containers"][0]["volumeMounts"] if one["name"] == "audit"]
    return volume["persistentVolumeClaim"]["claimName"], mount["mountPath"]


@pytest.mark.parity("aggregate.audit-volume")
def test_a_claim_of_its_own_is_mounted_at_data_and_the_old_pod_goes_first(render):
    rendered = render({"gateway.audit.files": CLAIM})
    claim = rendered.one("PersistentVolumeClaim", "test-gateway-audit")
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10Gi"}},
        "volumeMode": "Filesystem",
        "storageClassName": "fast",
    }
    assert mounts(rendered) == ("test-gateway-audit", "/data")
    deployment = rendered.one("Deployment", "test-gateway")["spec"]
    assert (deployment["strategy"], deployment["replicas"]) == ({"type": "Recreate"}, 1)
    pod = deployment["template"]["spec"]
    assert pod["securityContext"]["fsGroup"] == pod["securityContext"]["runAsUser"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert rendered.one("Namespace", "mcp-test")["metadata"]["annotations"]["mcp-stack/when-destroyed"] == "Retain"


@pytest.mark.parity("aggregate.audit-volume")
def test_somebody_elses_claim_is_mounted_by_its_name(render):
    rendered = render({"gateway.audit.files": {"existing_claim": {"name": "mcp-audit-data"}}})
    assert mounts(rendered) == ("mcp-audit-data", "/data")
    assert ("PersistentVolumeClaim", "mcp-test", "mcp-audit-data") in declared_by(rendered.spec).objects
    assert not [one for one in rendered if one["kind"] == "PersistentVolumeClaim"]


@pytest.mark.parity("aggregate.audit-volume")
def test_replicas_share_a_volume_that_several_nodes_can_mount_and_none_waits_for_another(render):
    rendered = render({"gateway.audit.files": SHARED, "gateway.replicas": 3, **KEYS})
    deployment = rendered.one("Deployment", "test-gateway")["spec"]
    assert (deployment["strategy"]["type"], deployment["replicas"]) == ("RollingUpdate", 3)
    assert rendered.one("PersistentVolumeClaim", "test-gateway-audit")["spec"]["accessModes"] == ["ReadWriteMany"]
    assert rendered.one("PodDisruptionBudget", "test-gateway")


@pytest.mark.parametrize(
    ("audit", "expected"),
    [
        ({}, {"output": "stdout"}),
        ({"output": "stderr"}, {"output": "stderr"}),
        (
            {"files": CLAIM},
            {"output": "file+stdout", "files": {"max_bytes": 9663676416, "max_file_bytes": 67108864}},
        ),
        (
            {"output": "file", "files": {"claim": {"size": "100Mi"}, "max_age": "48h", "sync": True}, "arguments": "digest"},
            {
                "output": "file",
                "files": {"max_bytes": 94371840, "max_file_bytes": 11796480, "max_age": "48h"},
                "sync": True,
                "arguments": "digest",
            },
        ),
        (
            {"files": {"existing_claim": {"name": "a"}, "max_file_bytes": 1000000}},
            {"output": "file+stdout", "files": {"max_bytes": 1073741824, "max_file_bytes": 1000000}},
        ),
    ],
)
@pytest.mark.parity("aggregate.audit-output")
def test_the_proxy_is_told_where_records_go(render, audit, expected):
    assert config(render({"gateway.audit": audit}))["audit"] == expected


@pytest.mark.parametrize(("audit", "output"), [({"files": CLAIM}, "stdout"), ({"output": "stderr"}, "stderr")])
def test_a_wrapper_that_is_called_past_the_gateway_has_no_volume(render, audit, output):
    rendered = render({"gateway.audit": audit, "servers.box.clients": [{"namespace": "agents"}]})
    assert config(rendered, "box")["audit"] == {"output": output}
