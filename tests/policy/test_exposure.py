"""Ways in from outside lead to proxies that ask who is calling."""

import pytest

from tests.policy.program import DEPLOYMENT, GONE, WEB, broken, made

OPEN = ("ConfigMap proxy", ("data", "proxy.yaml"), "servers: {}")
EMPTY = ("ConfigMap proxy", ("data", "proxy.yaml"), "")
FOREIGN = (DEPLOYMENT, (*WEB, "command"), ["serve"])
NO_INGRESS, NO_ROUTE = ("Ingress web", (), None), ("HTTPRoute web", (), None)
SERVICE, INGRESS, ROUTE = "Service shop/web", "Ingress shop/web", "HTTPRoute shop/web"


def test_an_ingress_and_a_route_to_a_proxy_that_asks_nobody_are_found():
    expected = [(INGRESS, "spec.rules[0].http.paths[0]"), (ROUTE, "spec.rules[0].backendRefs")]
    assert broken("unauthenticated-exposure", OPEN) == expected
    assert broken("unauthenticated-exposure", EMPTY) == expected


def test_what_other_servers_ask_cannot_be_seen():
    assert broken("unauthenticated-exposure", OPEN, FOREIGN) == []
    assert broken("unauthenticated-exposure", ("ConfigMap proxy", ("data", "proxy.yaml"), GONE)) == []
    assert broken("unauthenticated-exposure", ("Service web", (), None), OPEN) == []


def test_a_default_backend_is_a_way_in_too():
    edit = ("Ingress web", ("spec",), {"defaultBackend": {"service": {"name": "web"}}})
    assert broken("unauthenticated-exposure", OPEN, NO_ROUTE, edit) == [(INGRESS, "spec.defaultBackend")]


def test_a_controller_that_authenticates_is_enough():
    asks = ("Ingress web", ("metadata", "annotations"), {"nginx.ingress.kubernetes.io/auth-url": "https://sso.example.com"})
    assert broken("unauthenticated-exposure", OPEN, NO_ROUTE, asks) == []
    own = {"unauthenticated-exposure": {"authenticating_annotations": ["example.com/asks"]}}
    assert broken("unauthenticated-exposure", OPEN, NO_ROUTE, asks, config=own) != []


@pytest.mark.parametrize(
    "target", [{"targetRef": {"kind": "HTTPRoute", "name": "web"}}, {"targetRefs": [{"kind": "HTTPRoute", "name": "web"}]}]
)
def test_a_policy_on_the_route_is_enough(target):
    assert (
        broken("unauthenticated-exposure", OPEN, NO_INGRESS, made("SecurityPolicy", "gateway.envoyproxy.io/v1alpha1", spec=target))
        == []
    )
    other = made("SecurityPolicy", "gateway.envoyproxy.io/v1alpha1", spec={"targetRefs": [{"kind": "HTTPRoute", "name": "other"}]})
    assert broken("unauthenticated-exposure", OPEN, NO_INGRESS, other) == [(ROUTE, "spec.rules[0].backendRefs")]


def test_a_filter_on_the_route_is_enough():
    edit = ("HTTPRoute web", ("spec", "rules", 0, "filters"), [{"type": "ExternalAuth"}])
    assert broken("unauthenticated-exposure", OPEN, NO_INGRESS, edit) == []


@pytest.mark.parametrize(
    ("fields", "annotations", "config", "hit"),
    [
        ({"type": "LoadBalancer"}, {}, [], False),
        ({"type": "LoadBalancer"}, {}, [OPEN], True),
        ({"type": "NodePort"}, {}, [OPEN], True),
        ({"type": "LoadBalancer"}, {}, [FOREIGN], True),
        ({"type": "ClusterIP"}, {}, [FOREIGN], False),
        ({"type": "LoadBalancer"}, {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}, [FOREIGN], False),
        ({"type": "LoadBalancer"}, {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}, [FOREIGN], True),
        ({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/8"]}, {}, [FOREIGN], False),
        ({"type": "LoadBalancer", "loadBalancerSourceRanges": ["0.0.0.0/0"]}, {}, [FOREIGN], True),
        ({"type": "LoadBalancer", "selector": {}}, {}, [OPEN], False),
    ],
)
def test_a_service_with_an_address_outside_leads_to_somebody_who_asks(fields, annotations, config, hit):
    edits = [("Service web", ("spec", key), value) for key, value in fields.items()]
    edits += [("Service web", ("metadata", "annotations"), annotations), NO_INGRESS, NO_ROUTE, *config]
    assert broken("unauthenticated-exposure", *edits) == ([(SERVICE, "spec.type")] if hit else [])


def test_what_outsiders_cannot_reach_may_be_exempt():
    exempt = {"unauthenticated-exposure": {"exempt": ["Ingress shop/*", "HTTPRoute shop/web"]}}
    assert broken("unauthenticated-exposure", OPEN, config=exempt) == []
