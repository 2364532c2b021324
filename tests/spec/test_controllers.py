from typing import get_args

import pytest

from mcp_stack.spec.annotations import KNOWN
from mcp_stack.spec.controllers import CONTROLLERS, ControllerName, by_class, by_gateway_class


@pytest.mark.parametrize(
    ("ingress_class", "controller"),
    [
        *(("nginx", "ingress-nginx"), ("nginx-staging", "ingress-nginx"), ("traefik", "traefik"), ("corp", None)),
        *(("nginxplus", None), ("alb", "aws"), ("gce-internal", "gce"), ("azure-application-gateway", "azure")),
    ],
)
def test_a_class_tells_its_controller(ingress_class, controller):
    found = by_class(ingress_class)
    assert (found.name if found else None) == controller


@pytest.mark.parametrize(
    ("gateway_class", "controller"),
    [
        *(("eg", "envoy-gateway"), ("envoy-internal", "envoy-gateway"), ("gke-l7-rilb", "gke-gateway")),
        *(("traefik", "traefik-gateway"), ("cilium", None)),
    ],
)
def test_a_gateway_class_tells_what_implements_it(gateway_class, controller):
    found = by_gateway_class(gateway_class)
    assert (found.name if found else None) == controller


def test_each_controller_is_there_once_and_its_annotations_are_known():
    assert [one.name for one in CONTROLLERS] == list(get_args(ControllerName))
    assert {prefix for one in CONTROLLERS for prefix in one.annotations} == set(KNOWN) - {"cert-manager.io/"}
