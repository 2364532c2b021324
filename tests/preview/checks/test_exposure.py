"""What comes from outside arrives."""

import pytest

from mcp_stack.preview.checks.external import declared
from tests.preview.checks.sound import GONE, SOUND, brief, expect, find, findings

BACKEND = ("spec", "rules", 0, "http", "paths", 0, "backend", "service")


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("Ingress gateway", ("spec", "ingressClassName"), GONE)],
            [("Ingress shop/gateway", "spec.ingressClassName", "missing: which controller serves it")],
        ),
        (
            [("Ingress gateway", (*BACKEND, "name"), "gate")],
            [("Ingress shop/gateway", "spec.rules[0].http.paths[0].backend", "Service shop/gate does not exist")],
        ),
        (
            [("Ingress gateway", (*BACKEND, "port"), {"number": 80})],
            [
                (
                    "Ingress shop/gateway",
                    "spec.rules[0].http.paths[0].backend",
                    "80 is no port of Service gateway; it has: http, 8080",
                )
            ],
        ),
        (
            [("Ingress gateway", ("spec", "defaultBackend"), {"service": {"name": "none", "port": {"number": 80}}})],
            [("Ingress shop/gateway", "spec.defaultBackend", "Service shop/none does not exist")],
        ),
        (
            [("Ingress gateway", ("metadata", "annotations"), {})],
            [("Ingress shop/gateway", "spec.tls[0].secretName", "Secret 'mcp-tls' is neither in the stack nor declared")],
        ),
        (
            [("HTTPRoute clock", ("spec", "parentRefs"), [])],
            [("HTTPRoute shop/clock", "spec.parentRefs", "empty: no Gateway takes the route")],
        ),
        (
            [("HTTPRoute clock", ("spec", "parentRefs", 0, "name"), "private")],
            [("HTTPRoute shop/clock", "spec.parentRefs[0]", "Gateway shop/private is neither in the stack nor declared")],
        ),
        (
            [("HTTPRoute clock", ("spec", "parentRefs", 0, "sectionName"), "http")],
            [
                (
                    "HTTPRoute shop/clock",
                    "spec.parentRefs[0].sectionName",
                    "'http' is no listener of Gateway shop/public; it has: https",
                )
            ],
        ),
        (
            [("HTTPRoute clock", ("spec", "rules", 0, "backendRefs", 0, "port"), 80)],
            [("HTTPRoute shop/clock", "spec.rules[0].backendRefs[0]", "80 is no port of Service clock")],
        ),
        (
            [("HTTPRoute clock", ("spec", "hostnames"), ["mcp.example.com"])],
            [("HTTPRoute shop/clock", "spec", "mcp.example.com/ is also claimed by Ingress shop/gateway")],
        ),
    ],
)
def test_a_way_in_that_leads_nowhere_is_found(edits, faults):
    expect("exposure", edits, faults)


def test_a_declared_gateway_is_there():
    edit = ("HTTPRoute clock", ("spec", "parentRefs", 0), {"name": "public", "namespace": "gateways", "sectionName": "https"})
    assert brief(findings(edit)) == [("exposure", "HTTPRoute shop/clock", "spec.parentRefs[0]")]
    assert findings(edit, external=declared(["Gateway/gateways/public"])) == []


def test_a_certificate_fills_the_secret_of_an_ingress():
    certificate = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "mcp", "namespace": "shop"},
        "spec": {"secretName": "mcp-tls"},
    }
    assert findings(("Ingress gateway", ("metadata", "annotations"), {}), (None, (), certificate)) == []


def test_a_route_into_another_namespace_needs_a_grant():
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "edge"}}
    gateway = {**find(SOUND, "Gateway public"), "metadata": {"name": "public", "namespace": "edge"}}
    edits = [
        (None, (), namespace),
        (None, (), gateway),
        ("HTTPRoute clock", ("metadata", "namespace"), "edge"),
        ("HTTPRoute clock", ("spec", "rules", 0, "backendRefs", 0, "namespace"), "shop"),
    ]
    (found,) = findings(*edits)
    assert "which no ReferenceGrant there allows" in found.message
    grant = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "ReferenceGrant",
        "metadata": {"name": "edge", "namespace": "shop"},
        "spec": {
            "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "edge"}],
            "to": [{"kind": "Service"}],
        },
    }
    assert findings(*edits, (None, (), grant)) == []


NGINX = "nginx.ingress.kubernetes.io/"
ANNOTATIONS = ("metadata", "annotations")
LISTENER = ("spec", "listeners", 0)
GRANT = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "ReferenceGrant",
    "metadata": {"name": "certificates", "namespace": "kube-system"},
    "spec": {
        "from": [{"group": "gateway.networking.k8s.io", "kind": "Gateway", "namespace": "shop"}],
        "to": [{"group": "", "kind": "Secret", "name": "wildcard"}],
    },
}
AFAR = {"certificateRefs": [{"name": "wildcard", "namespace": "kube-system"}]}


def policy(kind, **spec):
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": spec,
    }


@pytest.mark.parity("stack.ingress-annotations")
@pytest.mark.parametrize(
    ("annotations", "path", "text"),
    [
        ({f"{NGINX}rate-limit": "5"}, f"metadata.annotations.{NGINX}rate-limit", "no such annotation of ingress-nginx"),
        ({f"{NGINX}cors-allow-origin": "*"}, f"metadata.annotations.{NGINX}cors-allow-origin", "has no effect without"),
        (
            {"traefik.ingress.kubernetes.io/router.middlewares": "auth@file,shop-cors@kubernetescrd"},
            "metadata.annotations.traefik.ingress.kubernetes.io/router.middlewares",
            "'shop-cors@kubernetescrd' is neither in the stack nor declared",
        ),
    ],
)
def test_annotations_of_any_program_do_something(annotations, path, text):
    issued = {"cert-manager.io/cluster-issuer": "letsencrypt"}
    edits = [("Ingress gateway", ANNOTATIONS, {**issued, **annotations})]
    expect("exposure", edits, [("Ingress shop/gateway", path, text)])


def test_a_middleware_that_is_there_or_declared_is_not_missed():
    named = {"traefik.ingress.kubernetes.io/router.middlewares": "shop-cors@kubernetescrd", "cert-manager.io/issuer": "ca"}
    edit = ("Ingress gateway", ANNOTATIONS, named)
    own = {"apiVersion": "traefik.io/v1alpha1", "kind": "Middleware", "metadata": {"name": "cors", "namespace": "shop"}, "spec": {}}
    assert findings(edit, (None, (), own)) == []
    assert findings(edit, external=declared(["Middleware/shop/cors"])) == []


def test_a_middleware_is_named_with_single_dashes_as_traefik_does():
    own = {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "Middleware",
        "metadata": {"name": "a--cors", "namespace": "shop"},
        "spec": {},
    }
    for name, faults in (("shop-a-cors", 0), ("shop-a--cors", 1)):
        named = {"traefik.ingress.kubernetes.io/router.middlewares": f"{name}@kubernetescrd", "cert-manager.io/issuer": "ca"}
        assert len(findings(("Ingress gateway", ANNOTATIONS, named), (None, (), own))) == faults


def test_a_filter_of_an_implementation_is_there_or_missed():
    reference = {"group": "traefik.io", "kind": "Middleware", "name": "cors"}
    edit = ("HTTPRoute clock", ("spec", "rules", 0, "filters"), [{"type": "ExtensionRef", "extensionRef": reference}])
    own = {"apiVersion": "traefik.io/v1alpha1", "kind": "Middleware", "metadata": {"name": "cors", "namespace": "shop"}, "spec": {}}
    missing = "Middleware shop/cors is neither in the stack nor declared"
    expect("exposure", [edit], [("HTTPRoute shop/clock", "spec.rules[0].filters[0]", missing)])
    assert findings(edit, (None, (), own)) == []


def test_a_class_may_be_named_by_the_older_annotation():
    annotations = {"kubernetes.io/ingress.class": "gce", "cert-manager.io/issuer": "ca"}
    edits = [("Ingress gateway", ANNOTATIONS, annotations), ("Ingress gateway", ("spec", "ingressClassName"), GONE)]
    assert findings(*edits) == []


@pytest.mark.parity("stack.gateway-api")
@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("Gateway public", (*LISTENER, "tls"), {"certificateRefs": [{"name": "none"}]})],
            [("Gateway shop/public", "spec.listeners[0].tls.certificateRefs[0]", "Secret shop/none is neither in the stack")],
        ),
        (
            [("Gateway public", (*LISTENER, "hostname"), "*.example.org")],
            [("HTTPRoute shop/clock", "spec.parentRefs[0]", "takes none of clock.example.com, only *.example.org; add a listener")],
        ),
        ([("Gateway public", (*LISTENER, "hostname"), "*.example.com")], []),
        ([("Gateway public", (*LISTENER, "hostname"), "clock.example.com")], []),
        (
            [(None, (), policy("BackendTrafficPolicy", targetRefs=[{"kind": "HTTPRoute", "name": "clocks"}]))],
            [("BackendTrafficPolicy shop/p", "spec.targetRefs[0]", "HTTPRoute shop/clocks is neither in the stack nor declared")],
        ),
        (
            [(None, (), policy("HealthCheckPolicy", targetRef={"kind": "Service", "name": "clocks"}))],
            [("HealthCheckPolicy shop/p", "spec.targetRefs[0]", "Service shop/clocks is neither")],
        ),
        ([(None, (), policy("ClientTrafficPolicy", targetRefs=[{"kind": "Gateway", "name": "public"}]))], []),
    ],
)
def test_gateways_have_certificates_and_policies_have_targets(edits, faults):
    expect("exposure", edits, faults)


def test_a_certificate_of_another_namespace_needs_leave():
    edit = ("Gateway public", (*LISTENER, "tls"), AFAR)
    external = declared(["Secret/kube-system/wildcard", "Namespace/kube-system"])
    (found,) = findings(edit, external=external)
    assert "no ReferenceGrant lets Gateways use it" in found.message
    assert findings(edit, (None, (), GRANT), external=external) == []


def test_cert_manager_may_fill_the_secret_of_a_listener():
    tls = ("Gateway public", (*LISTENER, "tls"), {"certificateRefs": [{"name": "made"}]})
    asked = ("Gateway public", ANNOTATIONS, {"cert-manager.io/issuer": "ca"})
    made = {
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": {"name": "made", "namespace": "shop"},
        "spec": {"secretName": "made"},
    }
    assert findings(tls, asked) == []
    assert findings(tls, (None, (), made)) == []
