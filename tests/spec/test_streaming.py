import pytest

from mcp_stack.spec.streaming import controller_of


@pytest.mark.parametrize(
    ("ingress_class", "controller"),
    [("nginx", "nginx"), ("nginx-staging", "nginx"), ("traefik", "traefik"), ("corp", None), ("nginxplus", None)],
)
def test_a_class_tells_its_controller(ingress_class, controller):
    assert controller_of(ingress_class) == controller
