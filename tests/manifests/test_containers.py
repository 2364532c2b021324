import pytest

IMAGE = {"repository": "migrate", "tag": "2.0.0"}
MIGRATE = {
    "name": "migrate",
    "image": IMAGE,
    "command": ["migrate"],
    "args": ["$(X)"],
    "env": {"A": "1", "T": {"secret": "token"}, "N": {"field": "metadata.name"}},
    "env_from": [{"existing_config_map": "settings"}],
    "mounts": {"/data": {"volume": "shared"}, "/settings": {"volume": "settings"}},
    "writable": ["/cache"],
    "files": {"/etc/migrate/a": {"content": "x"}, "/run/s/token": {"secret": "token"}},
}
DECLARED = {
    "servers.web.volumes": {
        "shared": {"path": "/shared", "empty_dir": {}},
        "settings": {"existing_config_map": {"name": "settings"}},
    },
    "servers.web.init_containers": [MIGRATE],
}
SIDECAR = {"name": "tunnel", "image": {"repository": "ghcr.io/other/tunnel", "tag": "1.0.0"}, "sidecar": True}


def first(rendered, name="test-web"):
    return rendered.pod(name)["initContainers"][0]


@pytest.mark.parity("stack.extra-objects")
def test_a_container_before_the_server_has_all_that_a_container_has(render):
    rendered = render(DECLARED)
    container = first(rendered)
    assert "restartPolicy" not in container, "it runs to its end"
    assert container["image"] == "ghcr.io/acme/migrate:2.0.0"
    assert container["imagePullPolicy"] == "Always"
    assert (container["command"], container["args"]) == (["migrate"], ["$$(X)"])
    assert container["env"] == [
        {"name": "A", "value": "1"},
        {"name": "T", "valueFrom": {"secretKeyRef": {"name": "test-shared.token", "key": "value"}}},
        {"name": "N", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}},
    ]
    assert container["envFrom"] == [{"configMapRef": {"name": "settings"}}]
    assert container["resources"] == {
        "requests": {"cpu": "10m", "memory": "32Mi", "ephemeral-storage": "32Mi"},
        "limits": {"cpu": "500m", "memory": "256Mi", "ephemeral-storage": "3Gi"},
    }


@pytest.mark.parity("stack.extra-objects")
def test_its_directories_and_files_are_its_own_and_volumes_are_shared(render):
    rendered = render(DECLARED)
    mounts = {one["mountPath"]: one for one in first(rendered)["volumeMounts"]}
    assert mounts["/data"] == {"name": "shared", "mountPath": "/data"}
    assert mounts["/settings"] == {"name": "settings", "mountPath": "/settings", "readOnly": True}
    assert mounts["/tmp"]["name"] == "migrate-scratch-0"
    assert mounts["/cache"]["name"] == "migrate-scratch-1"
    data = rendered.one("ConfigMap", "test-web-files-migrate-")["data"]
    assert data[mounts["/etc/migrate/a"]["subPath"]] == "x"
    assert mounts["/run/s"]["name"] == "migrate-files-0"
    names = [volume["name"] for volume in rendered.pod("test-web")["volumes"]]
    assert len(names) == len(set(names))
    assert {mount["name"] for mount in mounts.values()} <= set(names)
    main = {one["mountPath"]: one["name"] for one in rendered.container("test-web")["volumeMounts"]}
    assert main == {"/tmp": "scratch-0", "/shared": "shared"}


@pytest.mark.parametrize("place", ["servers.web", "servers.box", "gateway"])
def test_a_mount_may_be_for_reading_only_and_a_claim_can_be_mounted(render, place):
    beside = {"name": "b", "image": IMAGE, "mounts": {"/own": {"volume": "own", "read_only": True}}}
    rendered = render({f"{place}.volumes": {"own": {"empty_dir": {}}}, f"{place}.init_containers": [beside]})
    (mount,) = [one for one in first(rendered, f"test-{place.rpartition('.')[2]}")["volumeMounts"] if one["name"] == "own"]
    assert mount == {"name": "own", "mountPath": "/own", "readOnly": True}


def test_the_volumes_of_a_stateful_set_can_be_mounted_beside_it(render):
    beside = {"name": "b", "image": IMAGE, "mounts": {"/db": {"volume": "data"}}}
    storage = {"claims": {"data": {"path": "/data", "size": "1Gi"}}}
    pod = render({"servers.web.storage": storage, "servers.web.init_containers": [beside]}).stateful("test-web")["template"]["spec"]
    assert {"name": "data", "mountPath": "/db"} in pod["initContainers"][0]["volumeMounts"]


@pytest.mark.parity("stack.extra-objects")
def test_a_sidecar_starts_before_and_goes_on(render):
    sidecar = {**SIDECAR, "probes": {"startup": {"grpc": {"port": 9000, "service": "tunnel"}}, "liveness": {"exec": ["true"]}}}
    container = first(render({"servers.web.init_containers": [sidecar]}))
    assert container["restartPolicy"] == "Always"
    assert container["startupProbe"]["grpc"] == {"port": 9000, "service": "tunnel"}
    assert container["startupProbe"]["failureThreshold"] == 30
    assert container["livenessProbe"]["exec"] == {"command": ["true"]}
    assert "readinessProbe" not in container, "of a sidecar nothing is known"
    assert container["ports"] == [{"containerPort": 9000, "protocol": "TCP"}]
    assert "lifecycle" not in container, "it ends after the main container"


def test_containers_start_in_the_order_of_the_file(render):
    pod = render({"servers.web.init_containers": [SIDECAR, {"name": "a", "image": IMAGE}]}).pod("test-web")
    assert [one["name"] for one in pod["initContainers"]] == ["tunnel", "a"]


def test_secrets_that_only_a_container_beside_reads_roll_the_pods(render):
    beside = {"servers.web.init_containers": [{"name": "b", "image": IMAGE, "env": {"T": {"secret": "token"}}}]}
    for changes, marked in (({}, False), (beside, True)):
        template = render(changes).one("Deployment", "test-web")["spec"]["template"]
        assert ("mcp-stack/secrets-checksum" in template["metadata"]["annotations"]) is marked


def test_the_gateways_own_containers_read_the_stacks_secrets(render):
    beside = {"name": "b", "image": IMAGE, "files": {"/run/s/t": {"secret": "token"}}}
    rendered = render({"gateway.init_containers": [beside]})
    (volume,) = [one for one in rendered.pod("test-gateway")["volumes"] if one["name"] == "b-files-0"]
    assert volume["projected"]["sources"] == [{"secret": {"name": "test-shared.token", "items": [{"key": "value", "path": "t"}]}}]


@pytest.mark.parity("stack.image-registry")
def test_a_pod_may_pull_from_the_registries_of_all_its_containers(render):
    changes = {"image.registries": {"ghcr.io/other": ["other"], "ghcr.io": ["third"]}, "servers.web.init_containers": [SIDECAR]}
    changes["servers.box.init_containers"] = [{"name": "b", "image": {"repository": "ghcr.io/x/y", "tag": "1.0.0"}}]
    rendered = render(changes)
    assert rendered.pod("test-web")["imagePullSecrets"] == [{"name": "regcred"}, {"name": "third"}, {"name": "other"}]
    assert rendered.pod("test-gateway")["imagePullSecrets"] == [{"name": "regcred"}, {"name": "third"}]
