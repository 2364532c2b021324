"""A way from outside to a Service of any program."""

import pulumi
import pytest

from mcp_stack.exposure import Exposure
from mcp_stack.server import McpServer

PARENT = {"parent": {"name": "public", "namespace": "edge", "listener": "https"}}
NGINX = {"via": "ingress", "ingress_class": "nginx"}


def objects(found):
    return {one.inputs["kind"]: one.inputs for one in found.resources if one.type.startswith("kubernetes:")}


def exposed(run, args, name="shop"):
    made = []

    def program():
        one = Exposure(name, {"service": "shop", "port": 80, **args})
        made.append(one)
        pulumi.export("hosts", one.hosts)
        pulumi.export("annotations", one.service_annotations)

    return run(program)


def test_a_service_of_another_program_gets_a_route(run):
    found = exposed(run, {**PARENT, "domain": "example.com", "namespace": "shop"})
    route = objects(found)["HTTPRoute"]
    assert route["metadata"]["namespace"] == "shop"
    assert route["metadata"]["name"] == "test-shop"
    (rule,) = route["spec"]["rules"]
    assert rule["backendRefs"] == [{"name": "shop", "port": 80}]
    assert rule["timeouts"] == {"request": "0s", "backendRequest": "0s"}
    assert found.outputs["hosts"] == ["mcp-shop.test.example.com"]
    assert found.outputs["annotations"] == {}


def test_it_brings_a_gateway_of_its_own_and_a_pattern_for_hosts(run):
    own = {"gateway": {"gateway_class": "eg"}, "tls": {"cluster_issuer": "letsencrypt"}, "host_pattern": "{server}.{domain}"}
    found = exposed(run, {**own, "domain": "example.com"})
    assert {"Gateway", "HTTPRoute", "Certificate", "BackendTrafficPolicy", "ClientTrafficPolicy"} == set(objects(found))
    assert found.outputs["hosts"] == ["shop.example.com"]


def test_it_says_what_the_service_has_to_carry(run):
    args = {"via": "ingress", "ingress_class": "gce", "host": "shop.example.com", "health_path": "/up"}
    found = exposed(run, args)
    assert found.outputs["annotations"]["cloud.google.com/backend-config"] == '{"default": "test-shop"}'
    assert objects(found)["BackendConfig"]["spec"]["healthCheck"] == {"type": "HTTP", "requestPath": "/up"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({**PARENT}, "host: unknown without a `domain`"),
        ({"host": "a.example"}, "parent: required"),
        ({**NGINX, "host": "a.example", "controller": "contour", "rewrite": "/x"}, "rewrite: cannot be had from 'contour'"),
        ({**PARENT, "host": "a.example", "hots": "b"}, "hots: unknown key, did you mean `host`?"),
        ({**PARENT, "host_pattern": "{name}", "domain": "a.example"}, "host_pattern: '{name}': no placeholder"),
    ],
)
def test_mistakes_are_named_as_the_program_wrote_them(run, args, message):
    with pytest.raises(pulumi.RunError) as caught:
        exposed(run, args)
    assert str(caught.value).splitlines()[0] == "Exposure 'shop': 1 problem"
    assert str(caught.value).splitlines()[1].strip().startswith(message)


@pytest.mark.parity("stack.ingress-controllers")
def test_a_retired_controller_is_a_warning_of_the_preview(run):
    (warning,) = exposed(run, {**NGINX, "host": "a.example"}).warnings
    assert warning.startswith("notice: Exposure 'shop': ingress_class: ingress-nginx was retired")
    server = {"image": {"repository": "web", "tag": "1.0.0"}, "exposure": {**NGINX, "host": "a.example"}}
    (warning,) = run(lambda: McpServer("web", server)).warnings
    assert warning.startswith("notice: McpServer 'web': exposure.ingress_class: ingress-nginx was retired")
    assert exposed(run, {**PARENT, "host": "a.example"}).warnings == ()
