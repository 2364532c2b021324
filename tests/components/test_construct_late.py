"""What a program in another language knows only after deployment: where the component package takes it, and where it says no."""

import re

import grpc
import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.components.conftest import PROXY
from tests.components.engine_side import OUTPUT_SIGNATURE, SECRET_SIGNATURE, first_envelope, output, unknown

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
    assert SECRET_SIGNATURE.items() <= first_envelope(objects["Secret"]["stringData"]).items()
    assert "hush" not in str({kind: one for kind, one in objects.items() if kind != "Secret"})


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize(
    ("component", "inputs"),
    [
        ("Exposure", {"hostPattern": "{server}.example.com", "service": "shop", "port": 80, "parent": {"name": "public"}}),
        ("Disruption", {"namespace": "team", "selector": {"app": "web"}, "minReplicas": 2}),
        ("Network", {"namespace": "team", "selector": {"app": "web"}}),
        ("Monitoring", {"namespace": "team", "selector": {"app": "web"}, "labels": {"release": "prometheus"}}),
        ("ImageBuild", {"repository": "ghcr.io/acme/proxy", "digest": f"sha256:{'a' * 64}"}),
    ],
)
@pytest.mark.parametrize("later", [UNKNOWN, unknown()], ids=["bare", "output"])
def test_what_has_to_be_known_and_is_not_is_named(construct, component, inputs, later):
    """Names and selectors are what a preview shows; for those there are the functions of `mcp_stack.names`."""
    key = next(key for key in inputs if key in ("hostPattern", "selector", "repository"))
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


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize(
    ("component", "inputs"),
    [
        ("McpServer", {"image": {"repository": "web", "tag": "1"}}),
        ("McpGateway", {"proxyImage": PROXY, "trustNetwork": True, "servers": {"far": {"url": "https://far.example/mcp"}}}),
        ("McpProxy", {"proxyImage": PROXY, "trustNetwork": True, "url": "https://far.example/mcp"}),
        ("SecretSync", {"secrets": {"t": {"config": "t"}}, "secretValues": {"t": "x"}}),
        ("Exposure", {"service": "shop", "port": 80, "host": "shop.example.com", "parent": {"name": "public"}}),
        ("Autoscaling", {"workload": "web"}),
        ("Disruption", {"selector": {"app": "web"}, "minReplicas": 2}),
        ("Network", {"selector": {"app": "web"}}),
        ("Backup", {"existingClaim": "data", "size": "5Gi", "image": PROXY, "to": {"claim": {"size": "9Gi"}}}),
        ("Monitoring", {"selector": {"app": "web"}, "labels": {}}),
    ],
)
@LATE
def test_a_namespace_that_another_resource_makes(construct, component, inputs, sent, arrives):
    name = arrives if arrives == UNKNOWN else "tools"
    _, objects = construct(component, "web", {**inputs, "namespace": {**sent, "value": name} if "value" in sent else sent})
    assert objects
    assert all(name in str(one["metadata"]["namespace"]) for one in objects.values())


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize("sent", [UNKNOWN, unknown()], ids=["bare", "output"])
def test_an_image_that_is_still_to_be_built(construct, sent):
    _, objects = construct("McpServer", "web", {"image": {"repository": "web", "digest": sent}})
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] in (UNKNOWN, unknown())
