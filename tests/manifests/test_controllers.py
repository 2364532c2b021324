"""Each controller is told in its own words, and whatever it is said to be able to do changes what it is told."""

import re

import pytest

from mcp_stack.manifests.controllers import SETTINGS
from mcp_stack.spec.annotations import annotation_faults
from mcp_stack.spec.controllers import CONTROLLERS

CIDR = [{"cidr": "192.0.2.0/24"}]
WISHES = {
    "idle_seconds": {"idle_seconds": 600},
    "max_body_bytes": {"max_body_bytes": 1000},
    "cookie": {"affinity": "cookie"},
    "client-ip": {"affinity": "client-ip"},
    "cors": {"cors": {"origins": ["https://app.example.com", "https://b.example.com"]}},
    "rate_limit": {"rate_limit": {"requests": 5, "per": "minute"}},
    "rewrite": {"path": "/web", "rewrite": "/"},
    "tls": {"tls": {"secret": "wildcard"}},
}


def way(name, **more):
    """The stack's exposure through controller `name`."""
    controller = next(one for one in CONTROLLERS if one.name == name)
    if controller.via == "gateway-api":
        return {"controller": name, "gateway": {"gateway_class": "any"}, "tls": {"secret": "base"}, **more}
    return {"via": "ingress", "ingress_class": "corp", "controller": name, **more}


def told(render, name, part="web", **wish):
    """Objects of `part` that a controller reads: route or Ingress, Service, and those beside them."""
    if "rate_limit" in wish and name == "envoy-gateway":
        wish["rate_limit"] = {**wish["rate_limit"], "by": "everyone"}
    place = "gateway.exposure" if part == "gateway" else f"servers.{part}.exposure"
    clients = place.replace("exposure", "clients")
    rendered = render({"exposure": way(name), place: wish, clients: CIDR})
    kinds = ("Deployment", "ConfigMap", "NetworkPolicy", "ServiceAccount", "PodDisruptionBudget")
    mine = f"test-{part}"
    return {
        one["kind"] + one["metadata"]["name"].removeprefix(mine): one
        for one in rendered
        if one["kind"] not in kinds and one["metadata"]["name"].startswith(mine)
    }


def notes(objects, kind="Ingress", prefix=""):
    """Annotations by their last name."""
    annotations = objects[kind]["metadata"]["annotations"]
    return {key.rpartition("/")[2]: value for key, value in annotations.items() if key.startswith(prefix)}


def test_there_are_settings_for_every_controller():
    assert list(SETTINGS) == [one.name for one in CONTROLLERS]


@pytest.mark.parity("stack.ingress-controllers")
@pytest.mark.parametrize(("name", "wish"), [(one.name, wish) for one in CONTROLLERS for wish in WISHES if wish not in one.lacks])
def test_whatever_a_controller_can_do_changes_what_it_is_told(render, name, wish):
    base = {"path": "/web"} if wish == "rewrite" else {}
    assert told(render, name, **WISHES[wish]) != told(render, name, **base)


@pytest.mark.parametrize("name", [one.name for one in CONTROLLERS if one.via == "ingress"])
def test_controllers_know_every_annotation_that_they_are_told(render, name):
    lacks = next(one for one in CONTROLLERS if one.name == name).lacks
    every = {
        key: value for wish, keys in WISHES.items() if wish not in lacks and wish != "client-ip" for key, value in keys.items()
    }
    ingress = told(render, name, **every)["Ingress"]
    assert list(annotation_faults(ingress["metadata"]["annotations"], name)) == []


def test_ingress_nginx(render):
    found = told(render, "ingress-nginx", **{key: value for one in WISHES.values() for key, value in one.items()})
    assert notes(found, prefix="nginx.") == {
        "proxy-buffering": "off",
        "proxy-request-buffering": "off",
        "proxy-http-version": "1.1",
        "proxy-read-timeout": "600",
        "proxy-send-timeout": "600",
        "proxy-body-size": "1000",
        "upstream-hash-by": "$remote_addr",
        "limit-rpm": "5",
        "limit-burst-multiplier": "1",
        "enable-cors": "true",
        "cors-allow-origin": "https://app.example.com,https://b.example.com",
        "cors-allow-methods": "GET, POST, DELETE, OPTIONS",
        "cors-allow-headers": "Authorization, Content-Type, Accept, Last-Event-ID, Mcp-Session-Id, MCP-Protocol-Version, "
        "Mcp-Method, Mcp-Name",
        "cors-expose-headers": "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate",
        "cors-allow-credentials": "false",
        "cors-max-age": "600",
        "ssl-redirect": "true",
        "use-regex": "true",
        "rewrite-target": "/$2",
    }
    (rule,) = found["Ingress"]["spec"]["rules"]
    assert rule["http"]["paths"][0]["path"] == "/web(/|$)(.*)"
    assert rule["http"]["paths"][0]["pathType"] == "ImplementationSpecific"
    cookie = notes(told(render, "ingress-nginx", affinity="cookie", rate_limit={"requests": 3}))
    assert (cookie["affinity"], cookie["session-cookie-path"], cookie["limit-rps"]) == ("cookie", "/", "3")


@pytest.mark.parametrize(
    ("pattern", "target", "path", "arrives"),
    [
        ("/web", "/", "/web/mcp", "/mcp"),
        ("/web", "/", "/web", "/"),
        ("/v1.2", "/api", "/v1.2/mcp", "/api/mcp"),
        ("/web", "/", "/website", None),
        ("/", "/api", "/mcp", "/api/mcp"),
    ],
)
@pytest.mark.parametrize("name", ["ingress-nginx", "traefik", "haproxy"])
def test_a_prefix_is_replaced_and_the_rest_kept(render, name, pattern, target, path, arrives):
    """The patterns, applied as each controller applies them; HAProxy and Traefik only see what the prefix let through."""
    found = told(render, name, path=pattern, rewrite=target)
    if name == "ingress-nginx":
        regex = found["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["path"]
        replacement = notes(found)["rewrite-target"]
    elif name == "traefik":
        spec = found["Middleware-rewrite"]["spec"]["replacePathRegex"]
        regex, replacement = spec["regex"], spec["replacement"]
    else:
        regex, _, replacement = notes(found)["path-rewrite"].partition(" ")
    matched = re.match(regex, path)
    if arrives is None:
        assert name == "haproxy" or not matched
        return
    assert re.sub(r"[$\\](\d)", lambda group: matched[int(group[1])] or "", replacement) == arrives


def test_f5_nginx(render):
    found = told(render, "f5-nginx", **{key: value for one in WISHES.values() for key, value in one.items()})
    assert notes(found, prefix="nginx.org/") == {
        "proxy-buffering": "false",
        "proxy-read-timeout": "600s",
        "proxy-send-timeout": "600s",
        "client-max-body-size": "1000",
        "lb-method": "ip_hash",
        "limit-req-rate": "5r/m",
        "limit-req-key": "${binary_remote_addr}",
        "limit-req-burst": "5",
        "limit-req-no-delay": "true",
        "limit-req-reject-code": "429",
        "policies": "test-web-cors",
        "rewrites": "serviceName=test-web rewrite=/",
        "redirect-to-https": "true",
    }
    assert found["Policy-cors"]["apiVersion"] == "k8s.nginx.org/v1"
    assert found["Policy-cors"]["spec"]["cors"]["exposeHeaders"][0] == "Mcp-Session-Id"
    assert found["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/web/"
    other = notes(told(render, "f5-nginx", affinity="cookie", rate_limit={"requests": 2, "by": "everyone"}))
    assert other["sticky-cookie-services"] == "serviceName=test-web mcp_affinity path=/"
    assert (other["limit-req-key"], other["limit-req-rate"]) == ("${server_name}", "2r/s")


def test_traefik(render):
    found = told(
        render, "traefik", **WISHES["cookie"], **WISHES["rate_limit"], **WISHES["cors"], **WISHES["rewrite"], **WISHES["tls"]
    )
    assert notes(found, prefix="traefik") == {
        "router.entrypoints": "websecure",
        "router.tls": "true",
        "router.middlewares": ",".join(f"mcp-test-test-web-{name}@kubernetescrd" for name in ("rate-limit", "cors", "rewrite")),
    }
    assert found["Middleware-rate-limit"]["spec"] == {"rateLimit": {"average": 5, "period": "1m", "burst": 5}}
    assert found["Middleware-cors"]["spec"]["headers"]["accessControlAllowOriginList"][0] == "https://app.example.com"
    assert notes(found, "Service", "traefik")["service.sticky.cookie.secure"] == "true"
    everyone = told(render, "traefik", affinity="cookie", rate_limit={"requests": 5, "by": "everyone"})
    assert everyone["Middleware-rate-limit"]["spec"]["rateLimit"]["sourceCriterion"] == {"requestHost": True}
    assert "service.sticky.cookie.secure" not in notes(everyone, "Service")
    assert notes(told(render, "traefik"), prefix="traefik") == {}, "streams need nothing"


def test_traefik_by_gateway_api(render):
    found = told(render, "traefik-gateway", **WISHES["rate_limit"], **WISHES["cors"], **WISHES["rewrite"])
    middlewares = {one["metadata"]["name"]: one["spec"] for one in found.values() if one["kind"] == "Middleware"}
    assert middlewares["test-web-rate-limit"] == {"rateLimit": {"average": 5, "period": "1m", "burst": 5}}
    assert middlewares["test-web-cors"]["headers"]["accessControlExposeHeaders"][0] == "Mcp-Session-Id"
    (rule,) = found["HTTPRoute"]["spec"]["rules"]
    *ours, standard = rule["filters"]
    assert [one["extensionRef"]["name"] for one in ours] == list(middlewares)
    assert {(one["extensionRef"]["group"], one["extensionRef"]["kind"]) for one in ours} == {("traefik.io", "Middleware")}
    assert standard["type"] == "URLRewrite"


def test_middlewares_of_a_further_way_have_names_that_traefik_does_not_change_nor_mistake(render):
    """It takes two dashes for one: by such a name it finds none, or that of the server `web-inner`."""
    limited = {"rate_limit": {"requests": 3}}
    ways = {"inner": {**way("traefik"), "host": "inner.example.com", **limited}}
    rendered = render({"servers.web.exposures": ways, "servers.web.clients": CIDR})
    (ingress,) = [one for one in rendered if one["kind"] == "Ingress"]
    (middleware,) = [one for one in rendered if one["kind"] == "Middleware"]
    name = middleware["metadata"]["name"]
    reference = ingress["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.middlewares"]
    assert reference == f"{middleware['metadata']['namespace']}-{name}@kubernetescrd"
    assert re.fullmatch(r"test-web-inner-rate-limit-[0-9a-f]{8}", name)
    assert ingress["metadata"]["name"] == "test-web--inner"


def test_haproxy(render):
    found = told(render, "haproxy", **WISHES["client-ip"], **WISHES["rate_limit"], **WISHES["cors"], **WISHES["tls"])
    annotations = notes(found, prefix="haproxy")
    assert annotations["timeout-server"] == "3600s"
    assert (annotations["load-balance"], annotations["rate-limit-requests"], annotations["rate-limit-period"]) == (
        "source",
        "5",
        "1m",
    )
    assert re.fullmatch(annotations["cors-allow-origin"], "https://b.example.com")
    assert not re.fullmatch(annotations["cors-allow-origin"], "https://appXexample.com")
    assert annotations["response-set-header"].startswith('Access-Control-Expose-Headers "Mcp-Session-Id')
    assert annotations["ssl-redirect"] == "true"
    assert notes(told(render, "haproxy", affinity="cookie"), "Service")["cookie-persistence"] == "mcp_affinity"


def test_contour(render):
    assert notes(told(render, "contour", **WISHES["tls"])) == {
        "owner": "platform",
        "response-timeout": "infinity",
        "force-ssl-redirect": "true",
    }


def test_aws(render):
    assert notes(told(render, "aws", **WISHES["cookie"], **WISHES["idle_seconds"]), prefix="alb") == {
        "target-type": "ip",
        "load-balancer-attributes": "idle_timeout.timeout_seconds=600",
        "target-group-attributes": "deregistration_delay.timeout_seconds=60,stickiness.enabled=true,stickiness.type=lb_cookie,"
        "stickiness.lb_cookie.duration_seconds=3600",
        "healthcheck-path": "/",
        "success-codes": "200-499",
    }
    gateway = notes(told(render, "aws", "gateway"))
    assert gateway["healthcheck-path"] == "/readyz"
    assert "success-codes" not in gateway


def test_azure(render):
    assert notes(told(render, "azure", **WISHES["cookie"], **WISHES["rewrite"], **WISHES["tls"]), prefix="appgw") == {
        "request-timeout": "3600",
        "connection-draining": "true",
        "connection-draining-timeout": "60",
        "health-probe-path": "/",
        "health-probe-status-codes": "200-499",
        "cookie-based-affinity": "true",
        "backend-path-prefix": "/",
        "ssl-redirect": "true",
    }
    assert notes(told(render, "azure", "gateway"))["health-probe-path"] == "/readyz"


def test_gce_reads_a_class_annotation_and_configurations_beside_the_ingress(render):
    found = told(render, "gce", **WISHES["cookie"], **WISHES["tls"])
    assert "ingressClassName" not in found["Ingress"]["spec"]
    assert notes(found)["ingress.class"] == "corp"
    assert notes(found)["v1beta1.FrontendConfig"] == "test-web"
    assert found["FrontendConfig"]["spec"] == {"redirectToHttps": {"enabled": True}}
    assert found["BackendConfig"]["spec"] == {
        "timeoutSec": 3600,
        "connectionDraining": {"drainingTimeoutSec": 60},
        "sessionAffinity": {"affinityType": "GENERATED_COOKIE", "affinityCookieTtlSec": 3600},
    }
    assert notes(found, "Service")["backend-config"] == '{"default": "test-web"}'
    gateway = told(render, "gce", "gateway", affinity="client-ip")
    assert gateway["BackendConfig"]["spec"]["healthCheck"] == {"type": "HTTP", "requestPath": "/readyz"}
    assert gateway["BackendConfig"]["spec"]["sessionAffinity"] == {"affinityType": "CLIENT_IP"}
    assert "FrontendConfig" not in gateway


def test_gke_gateway_has_policies_on_the_service_and_no_timeouts_on_the_route(render):
    found = told(render, "gke-gateway", **WISHES["cookie"])
    assert "timeouts" not in found["HTTPRoute"]["spec"]["rules"][0]
    target = {"group": "", "kind": "Service", "name": "test-web"}
    assert found["GCPBackendPolicy"]["spec"]["targetRef"] == found["HealthCheckPolicy"]["spec"]["targetRef"] == target
    assert found["GCPBackendPolicy"]["spec"]["default"]["sessionAffinity"] == {"type": "GENERATED_COOKIE", "cookieTtlSec": 3600}
    assert found["HealthCheckPolicy"]["spec"]["default"]["config"]["type"] == "TCP"
    gateway = told(render, "gke-gateway", "gateway", affinity="client-ip")
    ask = gateway["HealthCheckPolicy"]["spec"]["default"]["config"]["httpHealthCheck"]
    assert ask == {"portSpecification": "USE_SERVING_PORT", "requestPath": "/readyz"}
    assert gateway["GCPBackendPolicy"]["spec"]["default"]["sessionAffinity"] == {"type": "CLIENT_IP"}


@pytest.mark.parity("stack.gateway-api")
def test_envoy_gateway_never_ends_a_stream_and_never_holds_it_back(render):
    found = told(render, "envoy-gateway", **WISHES["cookie"], **WISHES["rate_limit"])
    assert found["BackendTrafficPolicy"]["spec"] == {
        "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "test-web"}],
        "timeout": {"http": {"requestTimeout": "0s", "maxStreamDuration": "0s", "streamIdleTimeout": "3600s"}},
        "loadBalancer": {
            "type": "ConsistentHash",
            "consistentHash": {"type": "Cookie", "cookie": {"name": "mcp-affinity", "ttl": "3600s"}},
        },
        "rateLimit": {"type": "Local", "local": {"rules": [{"limit": {"requests": 5, "unit": "Minute"}}]}},
    }
    by_address = told(render, "envoy-gateway", affinity="client-ip")["BackendTrafficPolicy"]["spec"]
    assert by_address["loadBalancer"]["consistentHash"] == {"type": "SourceIP"}


@pytest.mark.parametrize(("name", "key"), [("ingress-nginx", "proxy-body-size"), ("f5-nginx", "client-max-body-size")])
def test_a_controller_takes_what_the_proxy_takes(render, name, key):
    exposed = {"exposure": way(name), "gateway.exposure": {}, "servers.web.exposure": {}}
    rendered = render({**exposed, "gateway.limits": {"max_body_bytes": 9999}})
    assert notes({"Ingress": rendered.one("Ingress", "test-gateway")})[key] == "9999"
    assert key not in notes({"Ingress": rendered.one("Ingress", "test-web")})
    smaller = render({**exposed, "gateway.exposure": {"max_body_bytes": 5}})
    assert notes({"Ingress": smaller.one("Ingress", "test-gateway")})[key] == "5"


def test_a_readiness_page_on_the_servers_own_port_is_what_load_balancers_ask_for(render):
    def path(**http):
        changes = {"exposure": way("aws"), "servers.web.exposure": {}, "servers.web.clients": CIDR}
        rendered = render({**changes, "servers.web.probes": {"readiness": {"http_get": http}}})
        return notes({"Ingress": rendered.one("Ingress", "test-web")})["healthcheck-path"]

    assert path(path="/healthz") == path(path="/healthz", port=8000) == "/healthz"
    assert path(path="/healthz", port=9999) == "/"
