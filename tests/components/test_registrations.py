"""Objects are registered without the classes of pulumi_kubernetes, which are long to import, and as these would do it."""

from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pytest
import yaml

from mcp_stack.children import create
from mcp_stack.manifests import retained
from mcp_stack.preview import engine

GOLDEN = sorted((Path(__file__).parents[1] / "judges" / "golden" / "production").glob("*_*.yaml"))

POD = {
    "metadata": {"labels": {"app.kubernetes.io/name": "a", "api_version": "1"}},
    "spec": {"automountServiceAccountToken": False, "containers": [{"name": "a", "image": "a:1", "imagePullPolicy": "Always"}]},
}
CLAIM = {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}}
METADATA = {"name": "a", "namespace": "b", "labels": {"owner_name": "c"}}
NOT_SHIPPED = {
    "v1 Secret": {"type": "Opaque", "stringData": {"api_version": "1"}, "immutable": True},
    "v1 ConfigMap": {"data": {"string_data": "text: 1\n"}, "binaryData": {"a": "AA=="}},
    "v1 PersistentVolumeClaim": {"spec": CLAIM},
    "apps/v1 StatefulSet": {"spec": {"template": POD, "volumeClaimTemplates": [{"metadata": {"name": "a"}, "spec": CLAIM}]}},
    "batch/v1 CronJob": {"spec": {"schedule": "@daily", "jobTemplate": {"spec": {"template": POD, "backoffLimit": 2}}}},
    "networking.k8s.io/v1 Ingress": {"spec": {"ingressClassName": "nginx", "tls": [{"hosts": ["a.b"], "secretName": "c"}]}},
    "monitoring.coreos.com/v1 ServiceMonitor": {"spec": {"selector": {"matchLabels": {"match_labels": "a"}}}},
}

CLASSES = {
    "v1 Namespace": k8s.core.v1.Namespace,
    "v1 Secret": k8s.core.v1.Secret,
    "v1 ConfigMap": k8s.core.v1.ConfigMap,
    "v1 ServiceAccount": k8s.core.v1.ServiceAccount,
    "v1 PersistentVolumeClaim": k8s.core.v1.PersistentVolumeClaim,
    "v1 Service": k8s.core.v1.Service,
    "apps/v1 Deployment": k8s.apps.v1.Deployment,
    "apps/v1 StatefulSet": k8s.apps.v1.StatefulSet,
    "batch/v1 CronJob": k8s.batch.v1.CronJob,
    "autoscaling/v2 HorizontalPodAutoscaler": k8s.autoscaling.v2.HorizontalPodAutoscaler,
    "policy/v1 PodDisruptionBudget": k8s.policy.v1.PodDisruptionBudget,
    "networking.k8s.io/v1 NetworkPolicy": k8s.networking.v1.NetworkPolicy,
    "networking.k8s.io/v1 Ingress": k8s.networking.v1.Ingress,
}


def kind_of(manifest):
    return f"{manifest['apiVersion']} {manifest['kind']}"


def objects():
    shipped = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in GOLDEN]
    for kind, body in NOT_SHIPPED.items():
        version, name = kind.split(" ")
        shipped.append({"apiVersion": version, "kind": name, "metadata": METADATA, **body})
    return shipped


def by_its_class(name, manifest, options):
    body = {"".join(f"_{one.lower()}" if one.isupper() else one for one in key): value for key, value in manifest.items()}
    if kind_of(manifest) in CLASSES:
        CLASSES[kind_of(manifest)](name, **body, opts=options)
    else:
        k8s.apiextensions.CustomResource(name, **body, opts=options)


@pytest.fixture
def requests(run, monkeypatch):
    """What a program asks the engine for, resource by resource, without its own parent."""
    found, resource = [], engine._resource

    def seen(monitor, urn, request, inputs):
        found.append(request)
        return resource(monitor, urn, request, inputs)

    monkeypatch.setattr(engine, "_resource", seen)

    def asked(program):
        found.clear()
        run(program)
        for request in found:
            for field in ("sourcePosition", "stackTrace", "aliases"):  # the classes name each version that the kind has had
                request.ClearField(field)
        return [request for request in found if request.custom]

    return asked


@pytest.mark.parametrize("manifest", objects(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_an_object_is_registered_as_by_the_class_of_its_kind(requests, manifest):
    kept = True if retained(manifest) else None

    def ours():
        create(pulumi.ComponentResource("a:b:C", "parent"), "parent", {"object": manifest})

    def theirs():
        parent = pulumi.ComponentResource("a:b:C", "parent")
        by_its_class("parent-object", manifest, pulumi.ResourceOptions(parent=parent, retain_on_delete=kept))

    assert requests(ours) == requests(theirs)


def test_every_kind_with_a_class_is_compared():
    assert set(CLASSES) <= {kind_of(manifest) for manifest in objects()}
