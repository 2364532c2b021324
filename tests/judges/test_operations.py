"""Every form of scaling and monitoring before the schemas of Kubernetes, KEDA and the Prometheus operator, made strict."""

from copy import deepcopy

import pytest

from mcp_stack.manifests import manifests_for
from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.declared import declared_by
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.spec import load_spec
from tests.judges.schemas import CRDS, VERSIONS, schema_faults, unjudged

RULES = {
    "scale_up": {"stabilization_seconds": 0, "select": "Max", "policies": [{"type": "Pods", "value": 4, "period_seconds": 30}]},
    "scale_down": {"stabilization_seconds": 120},
}
SHOWN = {key: {"secret": "token"} for key in ("username", "password", "certificate", "key", "ca")}
FALLBACK = {"replicas": 4, "failures": 2, "behavior": "currentReplicasIfLower"}
BASE = {
    "proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}},
    "secrets": {"token": {"existing": "mcp", "key": "token"}},
    "gateway": {"trust_network": True, "sessions": {"keys": {"secret": "token"}}},
    "servers": {"web": {"image": {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}}, "box": {"command": ["run"]}},
}
FORMS = {
    "KEDA asks, with all that it can show": {
        "monitoring": {"labels": {}, "prometheus": {"address": "https://p.example", "authentication": SHOWN}},
        "defaults": {"autoscaling": {"calls": 9, "container": {"cpu": 70, "memory": 90}, "cpu": 60, **RULES}},
        "keda": {"polling_seconds": 15, "fallback": FALLBACK},
    },
    "KEDA asks, and shows nothing": {
        "monitoring": {"labels": {}, "prometheus": {"address": "http://p.example:9090/prometheus"}},
        "defaults": {"autoscaling": {"calls": 9}},
        "keda": {},
    },
    "Kubernetes measures pods and containers": {
        "monitoring": {
            "labels": {"release": "prometheus"},
            "via": "pod-monitor",
            "alerts": {"runbooks": "https://docs.example.com/runbooks.md", "labels": {"team": "a"}},
        },
        "defaults": {"autoscaling": {"container": {"memory": 90}, "memory": 85, **RULES}},
    },
}


def objects(form):
    parts = deepcopy({**BASE, **FORMS[form]})
    if (keda := parts.pop("keda", None)) is not None:
        parts["defaults"]["autoscaling"]["keda"] = keda
    parts["gateway"]["autoscaling"] = parts["defaults"]["autoscaling"]
    spec = load_spec(parts, "test")
    return spec, manifests_for(spec)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_valid_strictly(form, version):
    _, made = objects(form)
    known = [one for one in made if not unjudged(one)]
    assert {f"{one['kind']} {one['metadata']['name']}": found for one in known if (found := schema_faults(one, version))} == {}
    if missing := sorted({one["kind"] for one in made if one not in known}):
        pytest.skip(f"no definition of {', '.join(missing)} here; name a directory in ${CRDS}")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_fits_together(form):
    spec, made = objects(form)
    assert [str(one) for one in check_objects([KubeObject(item) for item in made], declared_by(spec))] == []


@pytest.mark.parametrize("form", FORMS)
def test_one_autoscaler_owns_each_workload_and_no_workload_says_replicas_beside_it(form):
    _, made = objects(form)
    scaled = [one["spec"]["scaleTargetRef"]["name"] for one in made if one["kind"] in ("HorizontalPodAutoscaler", "ScaledObject")]
    assert sorted(scaled) == ["test-box", "test-gateway", "test-web"]
    assert all("replicas" not in one["spec"] for one in made if one["kind"] == "Deployment")


SPOILED = [
    ("ScaledObject", lambda spec: spec.update(cooldownPeriode=5)),
    ("ScaledObject", lambda spec: spec["triggers"][0].update(metricType=1)),
    ("ScaledObject", lambda spec: spec["fallback"].update(behavior="sometimes")),
    ("TriggerAuthentication", lambda spec: spec["secretTargetRef"][0].update(keys="x")),
    ("ServiceMonitor", lambda spec: spec["endpoints"][0].update(interval="often")),
    ("ServiceMonitor", lambda spec: spec.pop("selector")),
    ("PrometheusRule", lambda spec: spec["groups"][0]["rules"][0].update(expression="up")),
]


@pytest.mark.parametrize(("kind", "spoil"), SPOILED)
def test_a_spoiled_object_is_refused(kind, spoil):
    _, made = objects("KEDA asks, with all that it can show")
    item = next(one for one in made if one["kind"] == kind)
    if unjudged(item):
        pytest.skip(f"no definition of {kind} here; name a directory in ${CRDS}")
    assert schema_faults(item, VERSIONS[0]) == []
    spoil(item["spec"])
    assert schema_faults(item, VERSIONS[0]) != []
