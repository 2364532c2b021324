import pytest

from mcp_stack.spec.names import object_name

DATA = {"path": "/data/db", "size": "50Gi", "storage_class": "premium-ssd"}
STORAGE = {"servers.web.storage": {"claims": {"data": DATA}}}


@pytest.mark.parity("stack.persistence", "stack.stateful")
def test_a_server_with_storage_is_a_stateful_set_with_a_claim_for_each_pod(render):
    rendered = render(STORAGE)
    assert not rendered.has("Deployment", "test-web")
    found = rendered.stateful("test-web")
    assert found["volumeClaimTemplates"] == [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": "50Gi"}},
                "volumeMode": "Filesystem",
                "storageClassName": "premium-ssd",
            },
        }
    ]
    (container,) = found["template"]["spec"]["containers"]
    assert {"name": "data", "mountPath": "/data/db"} in container["volumeMounts"]
    assert "data" not in [volume["name"] for volume in found["template"]["spec"]["volumes"]]


@pytest.mark.parity("stack.stateful")
def test_its_pods_end_before_their_successors_start_and_keep_their_volumes(render):
    found = render(STORAGE).stateful("test-web")
    assert found["updateStrategy"] == {"type": "RollingUpdate"}
    assert found["podManagementPolicy"] == "Parallel"
    assert found["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert found["replicas"] == 1


@pytest.mark.parity("stack.persistence")
def test_the_stack_file_says_what_becomes_of_the_volumes(render):
    storage = {"claims": {"data": DATA}, "when_deleted": "Delete", "when_scaled": "Delete"}
    found = render({"servers.web.storage": storage}).stateful("test-web")
    assert found["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Delete"}


@pytest.mark.parity("stack.persistence")
def test_further_volumes_likewise(render):
    claims = {"data": DATA, "logs": {"path": "/logs", "size": "1Gi", "access_mode": "ReadWriteMany"}}
    found = render({"servers.web.storage": {"claims": claims}}).stateful("test-web")
    assert {one["metadata"]["name"]: one["spec"]["accessModes"] for one in found["volumeClaimTemplates"]} == {
        "data": ["ReadWriteOnce"],
        "logs": ["ReadWriteMany"],
    }
    assert "storageClassName" not in found["volumeClaimTemplates"][1]["spec"], "the cluster's default"


@pytest.mark.parity("stack.persistence")
def test_claims_take_the_class_of_all_servers_unless_they_name_their_own(render):
    claims = {"data": DATA, "logs": {"path": "/logs", "size": "1Gi"}}
    found = render({"defaults.storage_class": "standard", "servers.web.storage": {"claims": claims}}).stateful("test-web")
    classes = {one["metadata"]["name"]: one["spec"]["storageClassName"] for one in found["volumeClaimTemplates"]}
    assert classes == {"data": "premium-ssd", "logs": "standard"}


def test_a_headless_service_names_its_pods_ready_or_not(render):
    rendered = render(STORAGE)
    found = rendered.stateful("test-web")
    service = rendered.one("Service", found["serviceName"])
    assert found["serviceName"] == "test-web-pods"
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["publishNotReadyAddresses"] is True
    assert service["spec"]["selector"] == found["selector"]["matchLabels"]
    assert rendered.has("Service", "test-web"), "callers keep the name that any server has"


def test_a_stdio_server_may_store_something_as_well(render):
    found = render({"servers.box.storage": {"claims": {"data": DATA}}}).stateful("test-box")
    (container,) = found["template"]["spec"]["containers"]
    assert container["command"] == ["mcp-stack-proxy"]
    assert {"name": "data", "mountPath": "/data/db"} in container["volumeMounts"]


def test_a_long_name_leaves_room_for_the_hash_that_becomes_a_label(render):
    stack = "s" * 40
    server = {"image": {"repository": "web", "tag": "1.0.0"}, "storage": {"claims": {"data": DATA}}}
    rendered = render({"secrets": {}, "servers": {"w" * 40: server}}, stack=stack)
    (found,) = [one["metadata"]["name"] for one in rendered if one["kind"] == "StatefulSet"]
    assert len(found) == 52
    assert found == object_name(stack, "w" * 40, limit=52)
    assert all(len(one["metadata"]["name"]) <= 63 for one in rendered)


@pytest.mark.parametrize(("replicated", "alone"), [(True, False), (False, True)])
def test_pods_that_keep_their_volumes_alike_reach_each_other(render, replicated, alone):
    replicas = {"servers.web.replicas": 3} if replicated else {}
    storage = {"claims": {"data": DATA}, **({"replicated": True} if replicated else {})}
    policy = render({"servers.web.storage": storage, **replicas}).one("NetworkPolicy", "test-web")["spec"]
    own = {"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "test", "app.kubernetes.io/name": "web"}}}
    assert (own not in [peer for rule in policy["ingress"] for peer in rule["from"]]) is alone
    assert (own not in [peer for rule in policy["egress"] for peer in rule["to"]]) is alone


@pytest.mark.parity("stack.stateful")
@pytest.mark.parametrize(
    ("mode", "strategy"),
    [
        (None, "Recreate"),
        ("ReadWriteOnce", "Recreate"),
        ("ReadWriteOncePod", "Recreate"),
        ("ReadWriteMany", "RollingUpdate"),
        ("ReadOnlyMany", "RollingUpdate"),
    ],
)
def test_an_existing_claim_of_one_node_is_let_go_before_it_is_asked_for(render, mode, strategy):
    claim = {"name": "db", **({"access_mode": mode} if mode else {})}
    rendered = render({"servers.web.volumes": {"data": {"path": "/data", "existing_claim": claim}}})
    assert rendered.one("Deployment", "test-web")["spec"]["strategy"]["type"] == strategy
    assert rendered.one("Deployment", "test-box")["spec"]["strategy"]["type"] == "RollingUpdate"
