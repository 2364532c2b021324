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
