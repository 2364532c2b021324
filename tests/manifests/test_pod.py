import pytest

from mcp_stack.manifests.pod import pod_template
from mcp_stack.preview.declared import declared_by
from mcp_stack.spec import cluster_address, gateway_config, load_spec


@pytest.mark.parity("stack.command-and-env")
def test_a_container_gets_command_arguments_and_variables_as_written(render):
    web = {"command": ["serve"], "args": ["--x", "$(HOME) ${HOME} $HOME"], "env": {"B": "1", "A": "$(B)", "T": {"secret": "token"}}}
    container = render({f"servers.web.{key}": value for key, value in web.items()}).container("test-web")
    assert container["command"] == ["serve"]
    assert container["args"] == ["--x", "$$(HOME) ${HOME} $HOME"], "`$$(` is Kubernetes' own way to say `$(`"
    assert container["env"] == [
        {"name": "B", "value": "1"},
        {"name": "A", "value": "$$(B)"},
        {"name": "T", "valueFrom": {"secretKeyRef": {"name": "test-shared.token", "key": "value"}}},
    ]


@pytest.mark.parity("stack.command-and-env", "stack.secret-shared")
def test_existing_objects_become_variables(render):
    container = render(
        {"servers.web.env_from": [{"existing_secret": "shared-worker-secret"}, {"existing_config_map": "settings", "prefix": "S_"}]}
    ).container("test-web")
    assert container["envFrom"] == [
        {"secretRef": {"name": "shared-worker-secret"}},
        {"prefix": "S_", "configMapRef": {"name": "settings"}},
    ]


@pytest.mark.parity("aggregate.secret-reference")
def test_the_proxys_secrets_are_files_that_follow_their_secret(render):
    rendered = render({"secrets.other": {"existing": "mcp-secrets", "key": "other"}, "servers.box.env.OTHER": {"secret": "other"}})
    for name in ("test-box", "test-gateway"):
        container = rendered.container(name)
        assert {"name": "MCP_VARIABLES_DIR", "value": "/secrets"} in container["env"]
        assert all("valueFrom" not in variable for variable in container["env"])
        assert {"name": "secrets", "mountPath": "/secrets", "readOnly": True} in container["volumeMounts"]
    (volume,) = [one for one in rendered.pod("test-box")["volumes"] if one["name"] == "secrets"]
    assert volume["projected"]["sources"] == [
        {"secret": {"name": "mcp-secrets", "items": [{"key": "other", "path": "OTHER"}]}},
        {"secret": {"name": "test-shared.token", "items": [{"key": "value", "path": "TOKEN"}]}},
    ]


def test_a_stdio_server_is_run_by_the_proxy_image(render):
    container = render({"proxy.image.pull_policy": "IfNotPresent"}).container("test-box")
    assert container["image"].startswith("ghcr.io/acme/proxy:1.0.0@sha256:")
    assert container["imagePullPolicy"] == "IfNotPresent"
    assert container["command"] == ["mcp-stack-proxy"]
    assert container["args"] == [
        *("serve", "--config", "/config/proxy.yaml"),
        *("--listen", "0.0.0.0:8000", "--management", "0.0.0.0:9100"),
    ]
    assert {"name": "LEVEL", "value": "debug"} not in container["env"], "the child's variables are the child's alone"


def test_the_gateway_gets_the_texts_that_fill_its_placeholders(render):
    far = {"url": "https://${HOST}/mcp", "env": {"HOST": "mcp.example.org"}}
    container = render({"servers.far": far}).container("test-gateway")
    assert {"name": "HOST", "value": "mcp.example.org"} in container["env"]


def test_a_value_known_only_later_is_a_variable_of_the_container(render):
    class Later:
        def apply(self, function): ...

    later = Later()
    rendered = render({"servers.web.env": {"URL": later}, "servers.box.env": {"URL": later}})
    for name in ("test-web", "test-box"):
        assert {"name": "URL", "value": later} in rendered.container(name)["env"]
    assert "${URL}" in rendered.one("ConfigMap", "test-box-config-")["data"]["proxy.yaml"]


@pytest.mark.parity("aggregate.graceful-shutdown")
@pytest.mark.parametrize(("drain", "grace"), [(10, 30), (20, 30), (20.5, 31), (60, 70)])
def test_a_pod_outlives_its_drain(render, drain, grace):
    rendered = render({"gateway.limits": {"drain_seconds": drain}})
    for name in ("test-gateway", "test-box"):
        pod = rendered.pod(name)
        (container,) = pod["containers"]
        before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pod["terminationGracePeriodSeconds"] == grace
        assert grace >= before + drain


def test_a_foreign_container_gets_its_own_time_after_the_pause(render):
    assert render().pod("test-web")["terminationGracePeriodSeconds"] == 35
    assert render({"servers.web.grace_seconds": 60}).pod("test-web")["terminationGracePeriodSeconds"] == 65


@pytest.mark.parametrize(
    ("web", "spread"), [({}, False), ({"replicas": 2}, True), ({"autoscaling": {"min": 1}}, True), ({"autoscaling": {}}, True)]
)
def test_several_replicas_spread_as_well_as_it_goes(render, web, spread):
    pod = render({f"servers.web.{key}": value for key, value in web.items()}).pod("test-web")
    constraints = pod.get("topologySpreadConstraints", [])
    keys = ["topology.kubernetes.io/zone", "kubernetes.io/hostname"] if spread else []
    assert [one["topologyKey"] for one in constraints] == keys
    assert {one["whenUnsatisfiable"] for one in constraints} <= {"ScheduleAnyway"}


@pytest.mark.parity("stack.image-registry")
def test_pull_secrets_are_those_of_the_registry_in_use(render):
    assert render().pod("test-web")["imagePullSecrets"] == [{"name": "regcred"}]
    other = render({"servers.web.image": {"repository": "docker.io/library/mongo", "tag": "7.0"}})
    assert "imagePullSecrets" not in other.pod("test-web")


@pytest.mark.parity("hangar.container-server")
def test_placement_is_passed_on(render):
    pod = render(
        {
            "servers.web.node_selector": {"disk": "ssd"},
            "servers.web.tolerations": [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}],
        }
    ).pod("test-web")
    assert pod["nodeSelector"] == {"disk": "ssd"}
    assert pod["tolerations"] == [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}]


def test_a_pod_without_an_image_is_nobodys():
    data = {"servers": {"far": {"url": "https://far.example/mcp"}}}
    spec = load_spec(data, "test", cluster=False)
    with pytest.raises(ValueError, match=r"Pulumi\.test\.yaml: proxy\.image: required, 'gateway' runs it"):
        pod_template(spec, "gateway", {"config": "x"}, {})
    with pytest.raises(ValueError, match="'far' has no image, so it has no pod"):
        pod_template(spec, "far", {}, {})


def test_pods_may_have_an_account_of_somebody_else(render):
    rendered = render({"servers.web.service_account": "orders"})
    assert rendered.pod("test-web")["serviceAccountName"] == "orders"
    assert not rendered.has("ServiceAccount", "test-web")
    assert rendered.pod("test-web")["automountServiceAccountToken"] is False
    assert ("ServiceAccount", "mcp-test", "orders") in declared_by(rendered.spec).objects


GIVEN = {
    "image": {"repository": "sqlite", "tag": "1.0.0"},
    "port": 9000,
    "service": {"port": 80},
    "probes": {"readiness": {"http_get": {"path": "/health"}}},
    "env": {"LEVEL": "debug"},
    "volumes": {"data": {"path": "/data", "existing_claim": {"name": "data"}}},
    "service_account": "sqlite",
    "node_selector": {"disk": "ssd"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "300Mi"}},
}


@pytest.mark.parity("hangar.container-server")
def test_a_container_has_everything_that_is_given_and_the_gateway_calls_it(render):
    rendered = render({"servers.db": GIVEN})
    assert rendered.one("Deployment", "test-db")["spec"]["strategy"]["type"] == "Recreate", "one claim, one pod"
    shared = {key: value for key, value in GIVEN.items() if key != "volumes"}
    assert render({"servers.db": shared}).one("Deployment", "test-db")["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
    }
    pod, container = rendered.pod("test-db"), rendered.container("test-db")
    assert pod["serviceAccountName"] == "sqlite"
    assert pod["nodeSelector"] == {"disk": "ssd"}
    assert {"key": "dedicated", "operator": "Exists"} in pod["tolerations"]
    assert {"name": "data", "mountPath": "/data"} in container["volumeMounts"]
    assert container["env"] == [{"name": "LEVEL", "value": "debug"}]
    assert container["readinessProbe"]["httpGet"] == {"path": "/health", "port": "http", "scheme": "HTTP"}
    assert (container["resources"]["requests"]["cpu"], container["resources"]["limits"]["memory"]) == ("10m", "300Mi")
    (port,) = rendered.one("Service", "test-db")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, "http")
    config = gateway_config(rendered.spec, cluster_address(rendered.spec))
    assert config["servers"]["db"] == {"url": "http://test-db.mcp-test.svc:80/mcp"}


@pytest.mark.parity("hangar.defaults")
def test_an_image_alone_has_what_a_server_needs(render):
    """One replica that is replaced without a gap, probed, and restricted (tests/manifests/test_pod_security.py)."""
    rendered = render({"servers.db": {"image": {"repository": "sqlite", "tag": "1.0.0"}}})
    assert rendered.one("Deployment", "test-db")["spec"]["replicas"] == 1
    container = rendered.container("test-db")
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
