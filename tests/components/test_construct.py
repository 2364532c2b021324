"""The component package as a program in another language uses it: over gRPC, with what the engine sends."""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)
from pulumi.runtime.rpc import UNKNOWN

from mcp_stack import names

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 60
FEATURES = [
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
]
SECRET_SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The engine's side, as far as components need it: records what one registers, and answers with the same."""

    def __init__(self):
        self.registered = []

    def GetDeploymentInfo(self, request, context):
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(self, request, context):
        self.registered.append(request)
        urn = f"urn:pulumi:dev::any::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=f"{request.name}-id" if request.custom else "", object=request.object
        )

    def RegisterResourceOutputs(self, request, context):
        return empty_pb2.Empty()

    def objects(self):
        """Inputs of every Kubernetes object by kind."""
        found = [json_format.MessageToDict(one.object) for one in self.registered if one.type.startswith("kubernetes:")]
        return {one["kind"]: one for one in found}


class Engine(engine_pb2_grpc.EngineServicer):
    """The engine's log."""

    def Log(self, request, context):
        return empty_pb2.Empty()

    def GetRootResource(self, request, context):
        return engine_pb2.GetRootResourceResponse(urn="")

    def SetRootResource(self, request, context):
        return engine_pb2.SetRootResourceResponse()


@pytest.fixture
def engine():
    """Address and monitor of an engine that listens."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    monitor = Monitor()
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(Engine(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}", monitor
    server.stop(None).wait(DEADLINE_SECONDS)


@pytest.fixture
def construct(engine, tmp_path):
    """Asks the package, run as Pulumi runs it, for one component."""
    address, monitor = engine
    plugin = subprocess.Popen(
        [sys.executable, str(ROOT / "components"), address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    channel = None
    try:
        line = plugin.stdout.readline()
        assert line.strip().isdigit(), plugin.communicate(timeout=DEADLINE_SECONDS)[1].decode()
        channel = grpc.insecure_channel(f"127.0.0.1:{int(line)}")
        stub = provider_pb2_grpc.ResourceProviderStub(channel)

        def ask(component, name, inputs, preview=True):
            properties = struct_pb2.Struct()
            properties.update(inputs)
            request = provider_pb2.ConstructRequest(
                project="any",
                stack="dev",
                type=f"mcp-stack:index:{component}",
                name=name,
                inputs=properties,
                dryRun=preview,
                monitorEndpoint=address,
            )
            answer = stub.Construct(request, timeout=DEADLINE_SECONDS)
            return json_format.MessageToDict(answer.state), monitor.objects()

        yield ask
    finally:
        if channel is not None:
            channel.close()
        plugin.kill()
        plugin.communicate(timeout=DEADLINE_SECONDS)


OUTPUT_SIGNATURE = {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}


def output(value):
    """A secret output as today's engines send it: at its own place."""
    return {**OUTPUT_SIGNATURE, "value": value, "secret": True, "dependencies": []}


def secret(value):
    """A secret as it is sent without output values: the SDK then lifts the secrecy to the whole argument."""
    return {**SECRET_SIGNATURE, "value": value}


@pytest.mark.parity("stack.package")
def test_what_stands_round_a_server_from_another_language(construct):
    """Parts within lists and maps within these, whose keys are names of the program's own."""
    image = {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}
    prefer = {"weight": 5, "preference": {"matchExpressions": [{"key": "diskKind", "operator": "In", "values": ["aB"]}]}}
    beside = {
        "name": "fill",
        "image": image,
        "env": {"camelCase": "kept", "LATER": UNKNOWN, "POD": {"field": "metadata.name"}, "T": {"secret": "token"}},
        "mounts": {"/a/bC": {"volume": "data", "readOnly": True}},
        "files": {"/app/aFile.json": {"content": "{}"}},
        "security": {"runAsUser": 20001},
    }
    probes = {"startup": {"grpc": {"port": 9000}, "periodSeconds": 7}}
    _, objects = construct(
        "McpServer",
        "web",
        {
            "namespace": "team",
            "image": image,
            "storage": {"claims": {"data": {"path": "/data", "size": "1Gi", "storageClass": "fast"}}, "whenDeleted": "Delete"},
            "volumes": {"own": {"path": "/own", "existingConfigMap": {"name": "settings", "items": {"aKey": "a/bC"}}}},
            "initContainers": [beside, {"name": "tunnel", "image": image, "sidecar": True, "probes": probes}],
            "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [prefer]}},
            "secrets": {"token": {"config": "theToken"}},
            "secretValues": {"theToken": secret("hush")},
            "pauseSeconds": 15,
        },
    )
    spec = objects["StatefulSet"]["spec"]
    pod = spec["template"]["spec"]
    fill, tunnel = pod["initContainers"]
    env = {one["name"]: one for one in fill["env"]}
    assert env["camelCase"]["value"] == "kept"
    assert env["LATER"]["value"] == UNKNOWN
    assert env["POD"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert env["T"]["valueFrom"]["secretKeyRef"]["name"] == "dev-web.token"
    assert {"name": "data", "mountPath": "/a/bC", "readOnly": True} in fill["volumeMounts"]
    assert fill["securityContext"]["runAsUser"] == 20001
    assert (tunnel["restartPolicy"], tunnel["startupProbe"]["periodSeconds"]) == ("Always", 7)
    assert tunnel["startupProbe"]["grpc"] == {"port": 9000}
    assert spec["persistentVolumeClaimRetentionPolicy"]["whenDeleted"] == "Delete"
    assert spec["volumeClaimTemplates"][0]["spec"]["storageClassName"] == "fast"
    assert next(one for one in pod["volumes"] if one["name"] == "own")["configMap"]["items"] == [{"key": "aKey", "path": "a/bC"}]
    (preferred,) = pod["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert preferred == prefer
    assert pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"] == 15


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize("sent", [secret, output])
def test_a_server_from_another_language(construct, sent):
    """Numbers arrive as floats, keys in camel case, unknown values bare (pulumi 3.272, provider/experimental)."""
    state, objects = construct(
        "McpServer",
        "web",
        {
            "namespace": "team",
            "image": {"repository": "ghcr.io/acme/web", "tag": "1.0.0"},
            "port": 8082,
            "replicas": 2,
            "graceSeconds": 40,
            "env": {"SNAKE_case": "kept", "LATER": UNKNOWN, "T": {"secret": "token"}},
            "nodeSelector": {"kubernetes.io/arch": "arm64"},
            "files": {"/app/aFile.json": {"content": "{}"}},
            "egress": [{"cidr": "10.0.0.0/8", "ports": [5432]}],
            "secrets": {"token": {"config": "theToken"}},
            "secretValues": {"theToken": sent("hush")},
        },
    )
    deployment = objects["Deployment"]["spec"]
    pod = deployment["template"]["spec"]
    (container,) = pod["containers"]
    assert deployment["replicas"] == 2
    assert pod["terminationGracePeriodSeconds"] == 45
    assert pod["nodeSelector"] == {"kubernetes.io/arch": "arm64"}
    assert container["ports"][0]["containerPort"] == 8082
    assert {"name": "SNAKE_case", "value": "kept"} in container["env"]
    assert UNKNOWN in str(container["env"])
    assert "hush" in str(objects["Secret"]["stringData"])
    assert SECRET_SIGNATURE.items() <= _first_envelope(objects["Secret"]["stringData"]).items()
    assert state["url"] == "http://dev-web.team.svc:8082/mcp", "8082, not 8082.0"
    assert state["objectName"] == "dev-web"


def _first_envelope(value):
    if SECRET_SIGNATURE.items() <= value.items():
        return value
    return next((found for inner in value.values() if isinstance(inner, dict) and (found := _first_envelope(inner))), {})


@pytest.mark.parity("stack.package")
def test_a_gateway_from_another_language(construct):
    state, objects = construct(
        "McpGateway",
        "edge",
        {
            "namespace": "team",
            "proxyImage": PROXY,
            "trustNetwork": True,
            "servers": {"sentry": {"url": "https://mcp.sentry.dev/mcp"}},
            "limits": {"drainSeconds": 40},
        },
    )
    assert "https://mcp.sentry.dev/mcp" in objects["ConfigMap"]["data"]["proxy.yaml"]
    assert "drain_seconds: 40" in objects["ConfigMap"]["data"]["proxy.yaml"]
    assert state["url"] == "http://dev-gateway.team.svc:8080/mcp"


@pytest.mark.parity("stack.package")
def test_a_sidecar_from_another_language(construct):
    """What the program puts into its own workload comes back as outputs, with keys as the API has them."""
    state, objects = construct(
        "McpProxy",
        "orders",
        {
            "namespace": "team",
            "proxyImage": PROXY,
            "sidecar": {"port": 8080, "selector": {"appName": "orders"}, "replicas": 2},
            "authentication": {"apiKeys": {"secret": "callers"}},
            "sessions": {"keys": {"secret": "sealing"}},
            "secrets": {"callers": {"existing": "k", "key": "a"}, "sealing": {"config": "sealing"}},
            "serverLimits": {"maxConcurrent": 4},
            "secretValues": {"sealing": secret("hush")},
        },
    )
    assert objects["Service"]["spec"]["selector"] == {"appName": "orders"}
    assert "max_concurrent: 4" in objects["ConfigMap"]["data"]["proxy.yaml"]
    assert "Deployment" not in objects
    container = state["container"]
    assert (container["restartPolicy"], container["ports"][0]["containerPort"]) == ("Always", 9443)
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert "hush" not in str(state)
    assert {"mcp-proxy-config", "mcp-proxy-session-keys"} <= {volume["name"] for volume in state["volumes"]}
    assert state["annotations"]["prometheus.io/port"] == "9100"
    assert state["url"] == "http://dev-orders.team.svc:9443/mcp"


def test_a_sidecar_that_waits_for_another_resource(construct):
    more = {"env": {"LATER": UNKNOWN}, "headers": {"X-Later": "${LATER}"}, "sidecar": {"port": 8080, "selector": {"app": "a"}}}
    state, objects = construct("McpProxy", "orders", {"proxyImage": PROXY, "trustNetwork": True, **more})
    assert state["container"] == UNKNOWN, "what holds an unknown value is unknown in a preview"
    assert "X-Later: ${LATER}" in objects["ConfigMap"]["data"]["proxy.yaml"]
    assert state["volumes"][0]["name"] == "mcp-proxy-scratch-0"


@pytest.mark.parity("stack.package")
def test_a_proxy_before_one_server_from_another_language(construct):
    state, objects = construct(
        "McpProxy", "far", {"namespace": "team", "proxyImage": PROXY, "trustNetwork": True, "url": "https://mcp.example.org/mcp"}
    )
    assert objects["Deployment"]["metadata"]["name"] == "dev-far"
    assert (state["objectName"], state["volumes"]) == ("dev-far", [])


@pytest.mark.parity("stack.package")
def test_a_way_from_outside_from_another_language(construct):
    state, objects = construct(
        "Exposure",
        "shop",
        {
            "service": "shop",
            "port": 80,
            "domain": "example.com",
            "hostPattern": "{server}.{domain}",
            "gateway": {"gatewayClass": "eg"},
            "tls": {"clusterIssuer": "letsencrypt"},
            "rateLimit": {"requests": 5, "by": "everyone"},
        },
    )
    assert state["hosts"] == ["shop.example.com"]
    assert objects["BackendTrafficPolicy"]["spec"]["rateLimit"]["local"]["rules"][0]["limit"]["requests"] == 5
    assert objects["Gateway"]["spec"]["gatewayClassName"] == "eg"


@pytest.mark.parity("stack.package")
def test_a_stack_from_another_language(construct):
    state, objects = construct(
        "McpStack",
        "mcp",
        {
            "stack": "team",
            "proxy": {"image": PROXY},
            "secrets": {"sealing": {"existing": "mcp-secrets", "key": "sealing"}},
            "gateway": {"trustNetwork": True, "sessions": {"keys": {"secret": "sealing"}}},
            "defaults": {"resources": {"requests": {"cpu": "50m"}}},
            "servers": {
                "clock": {
                    "command": ["python", "-m", "clock"],
                    "autoscaling": {"min": 2, "scaleDown": {"stabilizationSeconds": 60}},
                }
            },
        },
        preview=False,
    )
    assert {"Namespace", "Deployment", "HorizontalPodAutoscaler"} <= set(objects)
    assert objects["HorizontalPodAutoscaler"]["spec"]["behavior"] == {"scaleDown": {"stabilizationWindowSeconds": 60}}
    assert state["serverUrls"] == {"clock": "http://team-clock.mcp-team.svc:8000/servers/clock/mcp"}
    assert state["gatewayUrl"] == "http://team-gateway.mcp-team.svc:8080/mcp"


@pytest.mark.parity("stack.package")
def test_secrets_from_another_language(construct):
    """Keys of a Secret, of tags and of labels are data: they arrive as they were written."""
    state, objects = construct(
        "SecretSync",
        "keys",
        {
            "namespace": "team",
            "secretStores": {"aws": {"aws": {"service": "SecretsManager", "region": "eu-central-1"}, "refreshSeconds": 60}},
            "secrets": {
                "token": {"store": "aws", "remote": {"key": "aB/token"}},
                "own": {"config": "theToken"},
            },
            "secretValues": {"theToken": output("hush")},
        },
        preview=False,
    )
    assert objects["SecretStore"]["spec"]["refreshInterval"] == 60
    assert objects["ExternalSecret"]["spec"]["data"][0]["remoteRef"]["key"] == "aB/token"
    assert "hush" in str(objects["Secret"]["stringData"])
    assert state["secretNames"] == {"token": "dev-shared.token", "own": "dev-shared.own"}


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize(
    ("component", "inputs", "kinds", "state"),
    [
        (
            "Autoscaling",
            {"namespace": "team", "workload": "web", "min": 2, "max": 4, "container": {"cpu": 70}, "containerName": "app"},
            {"HorizontalPodAutoscaler"},
            {"objectName": "web"},
        ),
        (
            "Autoscaling",
            {
                "namespace": "team",
                "workload": "web",
                "calls": 9,
                "keda": {"fallback": {"replicas": 3}},
                "prometheus": {"address": "http://prometheus.example", "query": "sum(x)"},
            },
            {"ScaledObject"},
            {"objectName": "web"},
        ),
        (
            "Disruption",
            {"namespace": "team", "selector": {"app.kubernetes.io/name": "web"}, "minReplicas": 2},
            {"PodDisruptionBudget"},
            {"budgetName": "web"},
        ),
        (
            "Backup",
            {
                "namespace": "team",
                "existingClaim": "data",
                "size": "5Gi",
                "image": {"repository": "acme/proxy", "tag": "1.0.0"},
                "to": {"s3": {"bucket": "acme-backups", "credentials": {"existingSecret": "keys"}}},
            },
            {"ServiceAccount", "NetworkPolicy", "CronJob"},
            {"jobName": "web-backup"},
        ),
        (
            "Monitoring",
            {"namespace": "team", "selector": {"app": "web"}, "labels": {"release": "prometheus"}, "alerts": {"slowSeconds": 5}},
            {"ServiceMonitor", "PrometheusRule", "ConfigMap"},
            {"objectName": "web", "dashboardName": "web-dashboard"},
        ),
    ],
)
def test_what_stands_alone_from_another_language(construct, component, inputs, kinds, state):
    made, objects = construct(component, "web", inputs, preview=False)
    assert set(objects) == kinds
    assert made == state


def test_a_mistake_is_named_in_any_language(construct):
    with pytest.raises(grpc.RpcError) as caught:
        construct("McpServer", "web", {"image": {"repository": "web", "tag": "latest"}})
    assert "image.tag: 'latest' names another image tomorrow" in caught.value.details()
    assert "McpServer 'web': 1 problem" in caught.value.details()


@pytest.mark.parametrize("digest", [UNKNOWN, f"sha256:{'a' * 64}"])
def test_an_image_from_another_language(construct, digest):
    """A digest that another resource of the same program has pushed is unknown in a preview."""
    state, objects = construct("ImageBuild", "proxy", {"repository": "ghcr.io/acme/proxy", "digest": digest})
    assert (state["repository"], state["digest"], objects) == ("ghcr.io/acme/proxy", digest, {})


def test_an_image_that_is_built_for_another_language(construct, engine):
    given = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "context": ".", "arguments": {"BASE": "x"}}
    construct("ImageBuild", "proxy", {**given, "username": "ci", "password": output("hush")})
    (built,) = [one for one in engine[1].registered if one.type == "docker-build:index:Image"]
    inputs = json_format.MessageToDict(built.object)
    assert (inputs["tags"], inputs["buildArgs"]) == (["ghcr.io/acme/proxy:1.0.0"], {"BASE": "x"})
    assert SECRET_SIGNATURE.items() <= _first_envelope({"registries": inputs["registries"][0]}).items()


def unknown(dependency="urn:pulumi:dev::any::x::y"):
    """An output without a value, as today's engines send it in a preview."""
    return {**OUTPUT_SIGNATURE, "secret": False, "dependencies": [dependency]}


LATE = pytest.mark.parametrize(
    ("sent", "arrives"),
    [
        (UNKNOWN, UNKNOWN),
        (unknown(), UNKNOWN),
        ({**OUTPUT_SIGNATURE, "value": "http://far.mcp-far.svc:8000/mcp", "dependencies": []}, "http://far.mcp-far.svc:8000/mcp"),
        (output("http://far.mcp-far.svc:8000/mcp"), "http://far.mcp-far.svc:8000/mcp"),
    ],
    ids=["bare", "output", "known", "secret"],
)


@pytest.mark.parity("stack.package")
@LATE
@pytest.mark.parametrize(
    ("component", "given"),
    [
        ("McpGateway", {"namespace": "team", "proxyImage": PROXY, "trustNetwork": True}),
        ("McpStack", {"stack": "team", "proxy": {"image": PROXY}, "gateway": {"trustNetwork": True}}),
    ],
)
def test_a_url_of_another_stack_from_another_language(construct, component, given, sent, arrives):
    far = {"url": sent, "egress": [{"namespace": "mcp-far", "ports": [8000]}]}
    state, objects = construct(component, "edge", {**given, "servers": {"far": far}})
    assert "${URL_OF_FAR}" in objects["ConfigMap"]["data"]["proxy.yaml"]
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    (variable,) = [one for one in container["env"] if one["name"] == "URL_OF_FAR"]
    assert arrives in str(variable["value"]) or arrives in str(container["env"])
    assert state.get("url", state.get("gatewayUrl")), "what is derived is known in the preview"


@pytest.mark.parity("stack.package")
def test_a_whole_stack_from_another_language_keeps_its_secrets(construct):
    _, objects = construct(
        "McpStack",
        "mcp",
        {
            "stack": "team",
            "proxy": {"image": PROXY},
            "secrets": {"token": {"config": "theToken"}},
            "gateway": {"trustNetwork": True},
            "servers": {
                "web": {
                    "image": {"repository": "ghcr.io/acme/web", "tag": "1.0.0"},
                    "env": {"T": {"secret": "token"}, "LATER": unknown()},
                }
            },
            "secretValues": {"theToken": output("hush")},
        },
    )
    assert SECRET_SIGNATURE.items() <= _first_envelope(objects["Secret"]["stringData"]).items()
    assert "hush" not in str({kind: one for kind, one in objects.items() if kind != "Secret"})


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize(
    ("component", "inputs"),
    [
        ("Exposure", {"hostPattern": "{server}.example.com", "service": "shop", "port": 80, "parent": {"name": "public"}}),
        ("Autoscaling", {"namespace": "team", "workload": "web"}),
        ("Disruption", {"namespace": "team", "selector": {"app": "web"}, "minReplicas": 2}),
        ("Monitoring", {"namespace": "team", "selector": {"app": "web"}, "labels": {"release": "prometheus"}}),
        ("ImageBuild", {"repository": "ghcr.io/acme/proxy", "digest": f"sha256:{'a' * 64}"}),
    ],
)
@pytest.mark.parametrize("later", [UNKNOWN, unknown()], ids=["bare", "output"])
def test_what_has_to_be_known_and_is_not_is_named(construct, component, inputs, later):
    """Names and selectors are what a preview shows; for those there are the functions of `mcp_stack.names`."""
    key = next(key for key in inputs if key in ("hostPattern", "workload", "selector", "repository"))
    with pytest.raises(grpc.RpcError) as caught:
        construct(component, "web", {**inputs, key: later})
    assert re.sub("([A-Z])", r"_\1", key).lower() in caught.value.details()
    assert "known only after deployment" in caught.value.details()


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize("later", [UNKNOWN, unknown()], ids=["bare", "output"])
def test_a_way_to_a_service_that_is_still_to_be_named(construct, later):
    _, objects = construct(
        "Exposure", "shop", {"service": later, "port": 80, "domain": "example.com", "parent": {"name": "public"}}
    )
    assert objects["HTTPRoute"]["spec"]["rules"][0]["backendRefs"][0]["name"] in (UNKNOWN, unknown())


def evaluated(value):
    """Properties of a program in YAML as the engine sends them in a preview: what it would compute is unknown."""
    if isinstance(value, dict):
        return {key: evaluated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [evaluated(inner) for inner in value]
    return unknown() if isinstance(value, str) and value.startswith("${") else value


def in_yaml():
    program = yaml.safe_load((ROOT / "examples/in-yaml/Pulumi.yaml").read_text(encoding="utf-8"))
    found = program["resources"].items()
    return [(name, one) for name, one in found if one["type"].startswith("mcp-stack:")]


def literal(language):
    """What the documentation gives a component in another language, whose literals YAML can read, too."""
    page = (ROOT / "docs/composition.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return code


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize(("name", "resource"), in_yaml(), ids=lambda one: one if isinstance(one, str) else "")
def test_the_example_in_yaml_is_what_the_package_takes(construct, name, resource):
    state, objects = construct(resource["type"].rpartition(":")[2], name, evaluated(resource["properties"]))
    assert state["objectName"] == names.object_name("edge", name)
    assert objects["Deployment"]["metadata"]["namespace"] == "mcp-edge"


@pytest.mark.parity("stack.package")
def test_the_snippet_in_typescript_is_what_the_package_takes(construct):
    code = literal("ts")
    (component, name, given) = re.search(r'new mcp\.(\w+)\("(\w+)", (\{.*\})\);', code, re.DOTALL).groups()
    properties = yaml.safe_load(given)
    assert properties["servers"]["notes"]["url"] == "url", "the constant"
    properties["servers"]["notes"]["url"] = unknown()
    state, _ = construct(component, name, properties)
    assert state["url"] == names.gateway_url("edge")


@pytest.mark.parity("stack.package")
def test_the_snippet_in_go_is_what_the_package_takes(construct):
    (component, given) = re.search(r"mcpstack\.New(\w+)\(.*?Args\{[^\n]*\n(.*)\}\)", literal("go"), re.DOTALL).groups()
    properties = yaml.safe_load("{" + given.replace("map[string]string", "").strip().rstrip(",") + "}")
    state, _ = construct(component, "web", {key[0].lower() + key[1:]: value for key, value in properties.items()})
    assert state["budgetName"] == "web"
