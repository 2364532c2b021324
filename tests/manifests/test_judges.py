"""What strangers say of the objects: the API's schemas, strictly, for each supported minor."""

import kubernetes_validate
import pytest

EVERYTHING = {
    "servers.web.autoscaling": {"min": 3, "scale_down": {"stabilization_seconds": 60}},
    "servers.web.service": {"type": "NodePort", "session_affinity": "ClientIP"},
    "servers.web.secrets": {"key": {"config": "key"}},
    "servers.web.files": {"/run/s/key": {"secret": "key"}, "/app/x": {"content": "x"}},
    "servers.web.env": {"T": {"secret": "token"}},
    "servers.web.env_from": [{"existing_secret": "s", "prefix": "P_"}],
    "servers.web.writable": ["/data"],
    "servers.web.tolerations": [{"operator": "Exists"}],
    "servers.web.node_selector": {"a": "b"},
    "servers.web.egress": [{"internet": True}, {"cidr": "10.0.0.0/8"}, {"namespace": "x", "ports": [1]}],
    "servers.web.probes": {"readiness": {"http_get": {"headers": {"A": "b"}}}, "liveness": {"exec": ["x"]}},
    "exposure": {"via": "ingress", "ingress_class": "nginx", "tls": {"secret": "tls"}},
    "gateway.exposure": {},
    "gateway.replicas": 3,
    "gateway.sessions": {"keys": {"secret": "token"}},
}


@pytest.mark.parity("stack.kubernetes-versions")
@pytest.mark.parametrize("version", ["1.35", "1.36", "1.37"])
def test_every_object_is_valid_strictly(render, version):
    for one in render(EVERYTHING):
        kubernetes_validate.validate(one, version, strict=True)


def test_the_judge_sees_a_planted_mistake(render):
    service = render().one("Service", "test-web")
    service["spec"]["prots"] = []
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(service, "1.37", strict=True)
