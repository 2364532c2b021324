"""Every directory of examples/ is a project that loads, pins what it runs, and is described."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from mcp_stack.manifests import manifests_for
from mcp_stack.spec import load_spec
from tests.judges.stacks import PROGRAMS

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
OWN = {"federation", "in-typescript", "in-yaml"}
"""Projects that retell nobody: judged by tests/judges/test_federation.py, the package's tests and tests/e2e."""

ALL = sorted({path.parent.name for path in EXAMPLES.glob("*/Pulumi.yaml")} - OWN)
PROJECTS = [name for name in ALL if name not in PROGRAMS]
FILES = sorted(path for path in EXAMPLES.glob("*/Pulumi.*.yaml") if path.parent.name not in PROGRAMS)

COLUMNS = ("example", "seed", "what it shows", "not yet expressed")


def stack_of(path):
    return path.name.split(".")[1]


def data_of(path):
    return yaml.safe_load(path.read_text("utf-8"))["config"]["mcp-stack:stack"]


def spec_of(path):
    return load_spec(data_of(path), stack_of(path), path.name)


def objects(example, stack):
    """Objects of one stack by (kind, name)."""
    made = manifests_for(spec_of(EXAMPLES / example / f"Pulumi.{stack}.yaml"))
    return {(one["kind"], one["metadata"]["name"]): one for one in made}


def rows():
    """Cells of the README's table by example."""
    lines = [line for line in (EXAMPLES / "README.md").read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert cells[0] == COLUMNS
    return {re.sub(r"\[(.+)\]\(\1\)", r"\1", row[0]): row for row in cells[2:]}


every_stack = pytest.mark.parametrize("path", [pytest.param(path, id=f"{path.parent.name}-{stack_of(path)}") for path in FILES])
every_project = pytest.mark.parametrize("name", PROJECTS)


def test_there_are_examples():
    assert len(PROJECTS) >= 12
    assert {path.parent.name for path in FILES} == set(PROJECTS)


@every_stack
def test_a_stack_has_no_problem_and_names_its_objects(path):
    spec = spec_of(path)
    made = manifests_for(spec)
    names = [(one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]) for one in made]
    assert len(set(names)) == len(names)
    assert {"Deployment", "Service", "ServiceAccount", "NetworkPolicy"} <= {kind for kind, _, _ in names}
    for kind, namespace, name in names:
        if kind == "Namespace":
            assert (namespace, name) == (None, spec.namespace)
        else:
            assert namespace == spec.namespace
            assert name.startswith(f"{spec.stack}-")


@every_stack
def test_a_stack_pins_every_image_by_digest(path):
    assert "latest" not in path.read_text("utf-8")
    images = [container["image"] for container in containers(path)]
    assert images
    for image in images:
        name, _, digest = image.partition("@")
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest), image
        assert len(set(digest)) > 12, f"{image}: looks made up"
        assert name.startswith(("registry.example.com/", "ghcr.io/acme/"))


@every_stack
def test_secrets_are_read_as_files(path):
    """As variables they would show in `kubectl describe` and in crash dumps, and never change (CKV_K8S_35)."""
    for container in containers(path):
        assert "envFrom" not in container
        assert not [one for one in container.get("env", []) if "secretKeyRef" in one.get("valueFrom", {})]


@every_stack
def test_hosts_are_reserved_for_examples(path):
    spec = spec_of(path)
    exposures = [one.exposure for one in (spec.gateway, *spec.servers.values()) if one.exposed]
    assert all(exposure.host.endswith("example.com") for exposure in exposures)


def containers(path):
    made = manifests_for(spec_of(path))
    pods = [one["spec"]["template"]["spec"] for one in made if one["kind"] in ("Deployment", "StatefulSet")]
    return [found for pod in pods for found in [*pod["containers"], *pod.get("initContainers", [])]]


@every_project
def test_a_project_runs_the_program_of_the_root(name):
    assert program(EXAMPLES / name / "__main__.py") == program(ROOT / "__main__.py")
    ours, theirs = (yaml.safe_load((directory / "Pulumi.yaml").read_text("utf-8")) for directory in (ROOT, EXAMPLES / name))
    assert theirs["name"] == ours["name"], "the keys of the stack files start with the project's name"
    interpreter = theirs["runtime"]["options"]["virtualenv"]
    assert (EXAMPLES / name / interpreter).resolve() == ROOT / ours["runtime"]["options"]["virtualenv"]


def program(path):
    """What a file does, without its docstring."""
    _, *statements = ast.parse(path.read_text("utf-8")).body
    return [ast.dump(statement) for statement in statements]


def test_the_readme_leads_to_the_programs_of_their_own():
    text = (EXAMPLES / "README.md").read_text("utf-8")
    assert all(f"[{name}]({name})" in text and (EXAMPLES / name / "Pulumi.yaml").is_file() for name in OWN)


def test_the_readme_describes_each_example_and_no_other():
    assert sorted(rows()) == ALL
    for row in rows().values():
        assert len(row) == len(COLUMNS)
        assert all(row)
        assert re.match(r"00[0-4], |none$", row[1]), f"{row[0]}: name the seed, or none"


@pytest.mark.parity("stack.autoscaling")
def test_the_rest_api_scales_as_written():
    made = objects("rest-api", "production")
    scaler = made["HorizontalPodAutoscaler", "production-api"]["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (3, 50)
    targets = {one["resource"]["name"]: one["resource"]["target"]["averageUtilization"] for one in scaler["metrics"]}
    assert targets == {"cpu": 70, "memory": 80}
    assert scaler["behavior"] == {
        "scaleDown": {"stabilizationWindowSeconds": 300, "policies": [{"type": "Percent", "value": 25, "periodSeconds": 60}]},
        "scaleUp": {"stabilizationWindowSeconds": 0, "policies": [{"type": "Percent", "value": 50, "periodSeconds": 30}]},
    }
    assert "replicas" not in made["Deployment", "production-api"]["spec"]


@pytest.mark.parity("stack.persistence", "stack.stateful")
def test_the_database_keeps_its_data():
    made = objects("mongodb", "staging")
    database = made["StatefulSet", "staging-mongo"]["spec"]
    (claim,) = database["volumeClaimTemplates"]
    assert claim["spec"]["storageClassName"] == "premium-ssd"
    assert claim["spec"]["resources"] == {"requests": {"storage": "50Gi"}}
    (container,) = database["template"]["spec"]["containers"]
    assert {"name": "data", "mountPath": "/data/db"} in container["volumeMounts"]
    assert ("Deployment", "staging-mongo") not in made


@pytest.mark.parity("stack.extra-objects")
def test_the_index_is_filled_over_a_tunnel_before_its_server_starts():
    made = objects("search-index", "production")
    pod = made["StatefulSet", "production-index"]["spec"]["template"]["spec"]
    assert [(one["name"], one.get("restartPolicy")) for one in pod["initContainers"]] == [("tunnel", "Always"), ("fill", None)]
    token, filled = ({mount["name"] for mount in one["volumeMounts"]} for one in pod["initContainers"])
    assert "tunnel-token" in token
    assert "index" in filled
    assert "tunnel-token" not in {mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    assert [one["name"] for one in pod["imagePullSecrets"]] == ["ghcr", "docker-registry-secret"]


def test_a_companys_cluster_gets_its_devices_names_authority_and_identities():
    made = objects("company-cluster", "production")
    deployments = {name: one for (kind, name), one in made.items() if kind == "Deployment"}
    pods = {name.removeprefix("production-"): one["spec"]["template"]["spec"] for name, one in deployments.items()}
    assert sorted(pods) == ["erp", "gateway", "reports", "transcribe"]
    assert pods["transcribe"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert made["Deployment", "production-transcribe"]["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    assert pods["erp"]["hostAliases"] == [{"ip": "10.20.0.5", "hostnames": ["erp.corp.example"]}]
    assert {"name": "SSL_CERT_FILE", "value": "/authority/ca.crt"} in pods["gateway"]["containers"][0]["env"]
    account = made["ServiceAccount", "production-reports"]["metadata"]["annotations"]
    assert account == {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/mcp-reports"}


@pytest.mark.parity("stack.secret-shared")
def test_two_workers_read_one_secret_that_is_not_ours():
    made = objects("shared-secret", "staging")
    assert not [kind for kind, _ in made if kind in ("Secret", "SecretStore", "ExternalSecret")]
    for worker in ("staging-worker-1", "staging-worker-2"):
        volumes = made["Deployment", worker]["spec"]["template"]["spec"]["volumes"]
        sources = [source for volume in volumes for source in volume.get("projected", {}).get("sources", [])]
        assert sources == [{"secret": {"name": "shared-worker-secret", "items": [{"key": "token", "path": "token"}]}}]


@pytest.mark.parity("stack.secret-backends", "stack.secret-store", "stack.external-secret")
def test_infisical_is_read_in_three_ways_and_servers_see_no_difference():
    kinds, pods = {}, {}
    for stack in ("staging", "review", "production"):
        made = objects("infisical", stack)
        kinds[stack] = sorted({kind for kind, _ in made if "Secret" in kind or "Infisical" in kind})
        volumes = [
            made["Deployment", f"{stack}-{name}"]["spec"]["template"]["spec"]["volumes"] for name in ("tickets", "my-mcp-server")
        ]
        pods[stack] = str(volumes).replace(f"{stack}-", "")
    assert kinds == {
        "staging": ["ExternalSecret", "SecretStore"],
        "review": ["InfisicalAuth", "InfisicalConnection", "InfisicalStaticSecret"],
        "production": ["ExternalSecret"],
    }
    assert len(set(pods.values())) == 1
    folder = objects("infisical", "staging")["ExternalSecret", "staging-my-mcp-server.folder"]["spec"]
    assert folder["dataFrom"][0]["find"]["path"] == "/mcp-server"


@pytest.mark.parity("stack.ingress-streaming", "stack.gateway-api")
def test_the_streaming_server_is_not_cut_off_either_way():
    ingress = objects("streaming-server", "staging")["Ingress", "staging-my-mcp-server"]
    prefix = "nginx.ingress.kubernetes.io/proxy-"
    settings = {key.removeprefix(prefix): value for key, value in ingress["metadata"]["annotations"].items() if prefix in key}
    off, hour = {"buffering": "off", "request-buffering": "off"}, {"read-timeout": "3600", "send-timeout": "3600"}
    assert settings == {**off, **hour, "http-version": "1.1"}
    assert ingress["spec"]["rules"][0]["host"] == "mcp-my-mcp-server.staging.example.com"
    route = objects("streaming-server", "production")["HTTPRoute", "production-my-mcp-server"]
    assert route["spec"]["rules"][0]["timeouts"] == {"request": "0s", "backendRequest": "0s"}


@pytest.mark.parity("stack.gateway-api")
def test_the_own_gateway_ends_tls_for_every_host_and_sends_plain_http_there():
    made = objects("own-gateway", "production")
    plain, secure = made["Gateway", "production-shared"]["spec"]["listeners"]
    assert (plain["protocol"], secure["protocol"], secure["hostname"]) == ("HTTP", "HTTPS", "*.example.com")
    ((_, certificate),) = [(key, one) for key, one in made.items() if key[0] == "Certificate"]
    assert [one["name"] for one in secure["tls"]["certificateRefs"]] == [certificate["spec"]["secretName"]]
    routes = {name: one["spec"] for (kind, name), one in made.items() if kind == "HTTPRoute"}
    assert {name: one.get("hostnames") for name, one in routes.items()} == {
        "production-gateway": ["mcp.example.com"],
        "production-docs": ["mcp-docs.example.com", "docs.example.com"],
        "production-shared-redirect": None,
    }
    sections = {name: one["parentRefs"][0]["sectionName"] for name, one in routes.items()}
    assert sections == {name: plain["name"] if name.endswith("redirect") else secure["name"] for name in routes}
    assert "production-notes" not in routes


@pytest.mark.parity("stack.extra-objects")
def test_the_streaming_server_has_a_second_way_for_the_companys_network():
    found = objects("streaming-server", "production")
    inner = found["Ingress", "production-my-mcp-server--office"]["spec"]
    assert inner["ingressClassName"] == "traefik"
    assert inner["tls"] == [{"hosts": ["mcp.office.example.com"], "secretName": "production-my-mcp-server--office-tls"}]
    policy = found["NetworkPolicy", "production-my-mcp-server"]["spec"]["ingress"][0]["from"]
    assert [one["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for one in policy] == ["gateways", "traefik"]


@pytest.mark.parity("stack.environments")
def test_two_environments_of_one_server_differ_where_their_files_say():
    staging, production = (objects("environments", stack) for stack in ("staging", "production"))
    assert staging["Deployment", "staging-api"]["spec"]["replicas"] == 1
    assert production["HorizontalPodAutoscaler", "production-api"]["spec"]["minReplicas"] == 5
    ingresses = staging["Ingress", "staging-api"]["spec"], production["Ingress", "production-api"]["spec"]
    assert [one["ingressClassName"] for one in ingresses] == ["nginx-staging", "nginx"]
    assert [one["rules"][0]["host"] for one in ingresses] == ["mcp-api.staging.example.com", "mcp-api.example.com"]


@pytest.mark.parity("mpl.network-policy-egress", "mpl.pdb")
def test_the_standalone_proxy_reaches_its_upstream_and_names_alone():
    made = objects("standalone-proxy", "production")
    names, upstream, replicas = made["NetworkPolicy", "production-gateway"]["spec"]["egress"]
    assert {(port["protocol"], port["port"]) for port in names["ports"]} == {("UDP", 53), ("TCP", 53)}
    namespace = {"matchLabels": {"kubernetes.io/metadata.name": "default"}}
    assert upstream == {
        "to": [{"namespaceSelector": namespace, "podSelector": {"matchLabels": {"app": "mcp-server"}}}],
        "ports": [{"protocol": "TCP", "port": 8080}],
    }
    own = {"matchLabels": {"app.kubernetes.io/instance": "production", "app.kubernetes.io/name": "gateway"}}
    assert replicas == {"to": [{"podSelector": own}], "ports": [{"protocol": "TCP", "port": 9443}]}
    assert made["PodDisruptionBudget", "production-gateway"]["spec"]["maxUnavailable"] == 1


@pytest.mark.parity("mpl.production-example")
def test_the_standalone_proxy_is_sized_watched_and_reached_as_seed_000_has_it():
    made = objects("standalone-proxy", "production")
    scaling = made["HorizontalPodAutoscaler", "production-gateway"]["spec"]
    assert (scaling["minReplicas"], scaling["maxReplicas"]) == (2, 10)
    assert scaling["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 70}
    (container,) = made["Deployment", "production-gateway"]["spec"]["template"]["spec"]["containers"]
    resources = container["resources"]
    assert {key: resources[key]["cpu"] + "/" + resources[key]["memory"] for key in resources} == {
        "requests": "250m/256Mi",
        "limits": "1/512Mi",
    }
    assert ("ServiceMonitor", "production-gateway") in made
    assert made["Ingress", "production-gateway"]["spec"]["tls"]


def test_the_guarded_server_admits_only_its_proxy():
    made = objects("guarded-server", "production")
    assert made["NetworkPolicy", "production-mcp-server"]["spec"]["ingress"] == [
        {
            "from": [
                {"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "production", "app.kubernetes.io/name": "gateway"}}}
            ],
            "ports": [{"protocol": "TCP", "port": 8080}],
        }
    ]
    assert made["Service", "production-gateway"]["spec"]["ports"][0] == {
        "name": "proxy", "port": 9443, "targetPort": "http", "protocol": "TCP",
    }  # fmt: skip


@pytest.mark.parity("mpl.sidecar", "mpl.sidecar-defaults")
def test_the_proxied_server_is_reached_by_the_proxy_in_its_own_pods():
    made = objects("proxied-server", "production")
    (rule,) = made["NetworkPolicy", "production-mcp-server"]["spec"]["ingress"][:1]
    assert rule["ports"] == [{"protocol": "TCP", "port": 9443}]
    assert {"podSelector": {"matchLabels": {"app": "ai-agent"}}} in rule["from"]
    assert made["Service", "production-mcp-server"]["spec"]["ports"][0]["targetPort"] == "proxy"
    pod = made["Deployment", "production-mcp-server"]["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["initContainers"]] == ["mcp-proxy"]


@pytest.mark.parity("aggregate.quick-start")
def test_the_quick_start_is_one_gateway_in_namespace_mcp():
    made = objects("quick-start", "staging")
    assert ("Namespace", "mcp") in made
    assert [name for kind, name in made if kind == "Deployment"] == ["staging-gateway"]
    pod = made["Deployment", "staging-gateway"]["spec"]
    assert pod["replicas"] == 1
    assert pod["template"]["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "32Mi"},
        "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "2Gi"},
    }
    port = made["Service", "staging-gateway"]["spec"]["ports"][0]
    assert (port["name"], port["port"]) == ("http", 8080)


@pytest.mark.parity("hangar.remote-server")
def test_a_remote_server_has_no_pods():
    made = objects("container-and-remote", "staging")
    assert [name for kind, name in made if kind == "Deployment"] == [
        "staging-github-tools",
        "staging-sqlite-tools",
        "staging-gateway",
    ]
    config = next(one for (kind, name), one in made.items() if kind == "ConfigMap" and name.startswith("staging-gateway"))
    servers = yaml.safe_load(config["data"]["proxy.yaml"])["servers"]
    assert servers["external-api"] == {"url": "https://api.example.com/mcp"}
    assert servers["github-tools"]["tools"] == {"allow": ["create_issue", "list_issues"]}


@pytest.mark.parity("aggregate.backend-cli")
def test_a_command_line_program_is_wrapped_with_what_it_may_do():
    made = objects("command-line", "staging")
    (config,) = [one for (kind, name), one in made.items() if kind == "ConfigMap" and name.startswith("staging-cluster")]
    server = yaml.safe_load(next(iter(config["data"].values())))["servers"]["cluster"]
    assert (server["command"], server["args"]) == ("kubectl", ["--kubeconfig=/run/kube/config", "--cache-dir=/tmp/kube"])
    assert server["cli"]["subcommands"] == ["get", "describe", "logs", "top", "version"]
    assert "--token" in server["cli"]["options"]["deny"]
