"""Servers, gateways, proxies and whole stacks of the component package, as a program in another language asks for them."""

import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.components.conftest import PROXY
from tests.components.engine_side import SECRET_SIGNATURE, first_envelope, output, secret


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
    assert SECRET_SIGNATURE.items() <= first_envelope(objects["Secret"]["stringData"]).items()
    assert state["url"] == "http://dev-web.team.svc:8082/mcp", "8082, not 8082.0"
    assert state["objectName"] == "dev-web"


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
    assert "mcp-stack/proxy-config" in state["annotations"]
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
