"""Annotations that do nothing are found, with the one that works."""

import pytest

from mcp_stack.spec.annotations import annotation_faults

NGINX, HAPROXY, ALB = "nginx.ingress.kubernetes.io/", "haproxy.org/", "alb.ingress.kubernetes.io/"


@pytest.mark.parity("stack.ingress-annotations")
@pytest.mark.parametrize(
    ("annotations", "controller", "faults"),
    [
        ({f"{NGINX}rate-limit": "100"}, None, ["no such annotation of ingress-nginx: requests are bounded by `rate_limit`"]),
        ({f"{NGINX}proxy-read-timeouts": "1"}, None, [f"did you mean `{NGINX}proxy-read-timeout`?"]),
        ({f"{NGINX}zzz": "1"}, None, ["no such annotation of ingress-nginx: remove it"]),
        ({f"{NGINX}cors-allow-origin": "*"}, None, [f"has no effect without `{NGINX}enable-cors: 'true'`"]),
        ({f"{NGINX}cors-allow-origin": "*", f"{NGINX}enable-cors": "false"}, None, ["has no effect without"]),
        ({f"{NGINX}cors-allow-origin": "*", f"{NGINX}enable-cors": "true"}, None, []),
        ({f"{NGINX}session-cookie-name": "a"}, None, [f"has no effect without `{NGINX}affinity: 'cookie'`"]),
        ({f"{NGINX}limit-burst-multiplier": "2"}, None, [f"has no effect without `{NGINX}limit-rps`"]),
        ({f"{NGINX}limit-burst-multiplier": "2", f"{NGINX}limit-rpm": "5"}, None, []),
        ({f"{HAPROXY}rate-limit-period": "1s"}, None, [f"has no effect without `{HAPROXY}rate-limit-requests`"]),
        ({f"{HAPROXY}timeout-client": "1h"}, None, ["it belongs into the controller's own ConfigMap"]),
        ({f"{HAPROXY}cors-enable": "true", f"{HAPROXY}cors-max-age": "1m"}, None, []),
        ({f"{NGINX}proxy-buffering": "off"}, "f5-nginx", [f"means nothing to f5-nginx, which does not read `{NGINX}`"]),
        ({f"{NGINX}proxy-buffering": "off"}, "traefik", []),
        ({f"{ALB}actions.forward": "{}", f"{ALB}scheme": "internal"}, "aws", []),
        ({"cert-manager.io/cluster-isuer": "x"}, "traefik", ["did you mean `cert-manager.io/cluster-issuer`?"]),
        ({"cert-manager.io/cluster-issuer": "x", "example.com/whatever": "y", "owner": "z"}, "traefik", []),
    ],
)
def test_what_a_controller_does_not_know_or_would_ignore_is_found(annotations, controller, faults):
    found = [fault for _, fault in annotation_faults(annotations, controller)]
    assert len(found) == len(faults)
    for fault, text in zip(found, faults, strict=True):
        assert text in fault
