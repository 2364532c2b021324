"""What a cluster lacks is told before anything is changed: all at once, with what uses it and what brings it."""

import pytest

from mcp_stack.cluster.api import ClusterError, connect
from mcp_stack.cluster.features import FEATURES
from mcp_stack.cluster.needs import CORE, needs_of
from mcp_stack.cluster.origins import ORIGINS, origin_of
from mcp_stack.cluster.preflight import lacking, prerequisites
from mcp_stack.preview.checks import External
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.spec import load_spec
from tests.judges.stacks import STACKS, rendered

NS = "/api/v1/namespaces/mcp"


def item(kind, spec=None, name="one", namespace="mcp", **fields):
    version, _, bare = kind.rpartition(" ")
    metadata = {"name": name, "namespace": namespace, **fields.pop("metadata", {})}
    return KubeObject({"apiVersion": version, "kind": bare, "metadata": metadata, "spec": spec or {}, **fields})


def pod(**spec):
    return item(
        "apps/v1 Deployment", {"template": {"spec": {"containers": [{"name": "main", **spec.pop("container", {})}], **spec}}}
    )


def said(objects, external=None):
    with connect() as api:
        return [str(one) for one in lacking(objects, external or External(), api)]


KINDS = [
    ("external-secrets.io/v1 ExternalSecret", "external-secrets", "https://charts.external-secrets.io"),
    ("generators.external-secrets.io/v1alpha1 Password", "external-secrets", "https://charts.external-secrets.io"),
    ("cert-manager.io/v1 Certificate", "cert-manager", "https://charts.jetstack.io"),
    ("monitoring.coreos.com/v1 ServiceMonitor", "kube-prometheus-stack", "https://prometheus-community.github.io"),
    ("gateway.networking.k8s.io/v1 HTTPRoute", "kubectl apply --server-side", "standard-install.yaml"),
    ("keda.sh/v1alpha1 ScaledObject", "keda", "https://kedacore.github.io/charts"),
    ("secrets.infisical.com/v1beta1 InfisicalAuth", "secrets-operator", "infisical/helm-charts"),
]


@pytest.mark.parity("stack.prerequisites")
@pytest.mark.parametrize(("kind", "chart", "place"), KINDS)
def test_a_kind_that_the_cluster_does_not_know_is_an_error_with_the_chart_that_brings_it(kind, chart, place, cluster, config):
    lines = said([item(kind)])
    version, _, bare = kind.partition(" ")
    assert lines[0].startswith(f"error: {bare} {version}: the cluster does not know this kind; ")
    assert chart in lines[0]
    assert place in lines[0]
    assert f"(used by {bare} mcp/one)" in lines[0]


@pytest.mark.parity("stack.prerequisites")
def test_a_kind_in_an_older_version_is_an_error_that_names_the_versions(cluster, config):
    cluster.serve("external-secrets.io", "v1beta1", "ExternalSecret", "SecretStore")
    (line,) = said([item("external-secrets.io/v1 ExternalSecret")])
    assert "ExternalSecret external-secrets.io/v1: the cluster has it in v1beta1 alone; bring what defines it up to date" in line
    cluster.serve("external-secrets.io", "v1", "ExternalSecret")
    assert said([item("external-secrets.io/v1 ExternalSecret")]) == []


def test_a_group_of_another_program_is_told_without_a_chart(cluster, config):
    assert "install what defines acme.example" in said([item("acme.example/v1 Widget")])[0]
    assert origin_of("") == "install what defines it"


def test_every_group_that_a_stack_may_write_has_an_origin():
    groups = {one.group for project, stack in STACKS for one in rendered(project, stack).objects}
    assert {group for group in groups if "." in group and not group.endswith(".k8s.io")} <= set(ORIGINS)


OLD = [
    ("29", pod(initContainers=[{"name": "side", "restartPolicy": "Always"}]), "sidecars"),
    ("33", pod(hostUsers=False), "user namespaces"),
    ("30", pod(container={"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}), "a pause before the end"),
    ("24", pod(container={"readinessProbe": {"grpc": {"port": 1}}}), "gRPC probes"),
    ("26", pod(topologySpreadConstraints=[{"nodeTaintsPolicy": "Honor"}]), "spreading that knows taints"),
    ("27", pod(topologySpreadConstraints=[{"matchLabelKeys": ["pod-template-hash"]}]), "spreading by revision"),
    ("27", item("policy/v1 PodDisruptionBudget", {"unhealthyPodEvictionPolicy": "AlwaysAllow"}), "eviction of unhealthy pods"),
    (
        "27",
        item("autoscaling/v2 HorizontalPodAutoscaler", {"metrics": [{"type": "ContainerResource"}]}),
        "scaling by one container",
    ),
    ("27", item("apps/v1 StatefulSet", {"persistentVolumeClaimRetentionPolicy": {}}), "volumes that go with their StatefulSet"),
]


@pytest.mark.parametrize(("minor", "used", "name"), OLD)
def test_a_field_that_an_older_cluster_drops_is_an_error(minor, used, name, cluster, config):
    cluster.serve("metrics.k8s.io", "v1beta1", "PodMetrics")
    cluster.paths["/version"]["minor"] = str(int(minor) - 1)
    (line,) = said([used])
    assert line.startswith(f"error: {name}")
    assert f"needs Kubernetes 1.{minor}, and the cluster has 1.{int(minor) - 1}; upgrade it (used by {used.title})" in line
    cluster.paths["/version"]["minor"] = f"{minor}+"  # as managed clusters write it
    assert said([used]) == []


def test_every_field_has_a_case():
    assert {name for _, _, name in OLD} == {one.name.partition(" (")[0] for one in FEATURES}


CLASSES = [
    (item("networking.k8s.io/v1 Ingress", {"ingressClassName": "nginx"}), "IngressClass", "nginx"),
    (pod(priorityClassName="high"), "PriorityClass", "high"),
    (pod(runtimeClassName="gvisor"), "RuntimeClass", "gvisor"),
    (item("v1 PersistentVolumeClaim", {"storageClassName": "fast"}), "StorageClass", "fast"),
    (item("apps/v1 StatefulSet", {"volumeClaimTemplates": [{"spec": {"storageClassName": "fast"}}]}), "StorageClass", "fast"),
    (item("gateway.networking.k8s.io/v1 Gateway", {"gatewayClassName": "eg"}), "GatewayClass", "eg"),
    (item("cert-manager.io/v1 Certificate", {"issuerRef": {"kind": "ClusterIssuer", "name": "le"}}), "ClusterIssuer", "le"),
    (
        item("networking.k8s.io/v1 Ingress", metadata={"annotations": {"cert-manager.io/cluster-issuer": "le"}}),
        "ClusterIssuer",
        "le",
    ),
]


@pytest.mark.parametrize(("user", "kind", "name"), CLASSES)
def test_a_class_that_is_not_there_is_told_with_those_that_are(user, kind, name, cluster, config):
    cluster.serve("gateway.networking.k8s.io", "v1", "Gateway")
    cluster.serve("cert-manager.io", "v1", "Certificate")
    group, version, plural = CORE[kind]
    path = f"/apis/{group}/{version}/{plural}"
    assert said([user]) == [
        f"warning: {kind} {name}: is not in the cluster; create it, or name one that is there: none"
        f" (used by {user.title}) [cluster]"
    ]
    cluster.list(path, *({"metadata": {"name": f"other-{number}"}} for number in range(8)))
    assert "name one that is there: other-0, other-1, other-2, other-3, other-4, other-5, … (used by" in said([user])[0]
    cluster.list(path, {"metadata": {"name": name}})
    assert said([user]) == []


def test_a_claim_without_a_class_needs_a_default_one(cluster, config):
    path, claim = "/apis/storage.k8s.io/v1/storageclasses", item("v1 PersistentVolumeClaim")
    cluster.list(path, {"metadata": {"name": "slow"}})
    (line,) = said([claim])
    assert line.startswith("warning: StorageClass: the cluster has no default one; create it, or name one that is there: slow")
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    cluster.list(path, {"metadata": {"name": "slow", "annotations": default}})
    assert said([claim]) == []
    assert said([item("v1 PersistentVolumeClaim", {"storageClassName": ""})]) == []


NAMED = [
    (pod(volumes=[{"name": "v", "secret": {"secretName": "s"}}]), "Secret mcp/s", f"{NS}/secrets/s"),
    (item("networking.k8s.io/v1 Ingress", {"tls": [{"secretName": "s"}, {}]}), "Secret mcp/s", f"{NS}/secrets/s"),
    (
        item("networking.k8s.io/v1 Ingress", metadata={"annotations": {"cert-manager.io/issuer": "le"}}),
        "Issuer mcp/le",
        "/apis/cert-manager.io/v1/namespaces/mcp/issuers/le",
    ),
    (
        item("gateway.networking.k8s.io/v1 HTTPRoute", {"parentRefs": [{"name": "public", "namespace": "edge"}]}),
        "Gateway edge/public",
        "/apis/gateway.networking.k8s.io/v1/namespaces/edge/gateways/public",
    ),
    (
        item("gateway.networking.k8s.io/v1 Gateway", {"listeners": [{"tls": {"certificateRefs": [{"name": "s"}]}}]}),
        "Secret mcp/s",
        f"{NS}/secrets/s",
    ),
    (
        item("external-secrets.io/v1 ExternalSecret", {"secretStoreRef": {"kind": "ClusterSecretStore", "name": "all"}}),
        "ClusterSecretStore all",
        "/apis/external-secrets.io/v1/clustersecretstores/all",
    ),
    (
        item("external-secrets.io/v1 ExternalSecret", {"secretStoreRef": {"name": "own"}}),
        "SecretStore mcp/own",
        "/apis/external-secrets.io/v1/namespaces/mcp/secretstores/own",
    ),
]


@pytest.mark.parametrize(("user", "title", "path"), NAMED)
def test_an_object_of_somebody_else_that_is_not_there_is_told(user, title, path, cluster, config):
    cluster.serve("gateway.networking.k8s.io", "v1", "Gateway", "HTTPRoute")
    cluster.serve("external-secrets.io", "v1", "ExternalSecret")
    cluster.list("/apis/gateway.networking.k8s.io/v1/gatewayclasses", {"metadata": {"name": "None"}})
    assert said([user]) == [f"warning: {title}: is not in the cluster; create it (used by {user.title}) [cluster]"]
    cluster.hold(path)
    assert said([user]) == []


def test_keys_that_pods_read_have_to_be_there_too(cluster, config):
    def reader(key):
        return {"name": key.upper(), "valueFrom": {"secretKeyRef": {"name": "tokens", "key": key}}}

    pods = pod(container={"env": [reader("github"), reader("gitlab")]})
    assert "create it with 'github', 'gitlab'" in said([pods])[0]
    cluster.hold(f"{NS}/secrets/tokens", data={"github": "eA=="})
    assert said([pods]) == [
        "warning: Secret mcp/tokens: has no key 'gitlab'; it has github; add what is missing (used by Deployment mcp/one) [cluster]"
    ]
    cluster.hold(f"{NS}/secrets/tokens", data={})
    assert "it has no keys" in said([pods])[0]
    assert said([pods, item("v1 Secret", name="tokens", data={"github": "", "gitlab": ""})]) == []


def test_a_secret_that_a_certificate_or_a_store_makes_is_not_missing(cluster, config):
    cluster.serve("cert-manager.io", "v1", "Certificate")
    cluster.hold("/apis/cert-manager.io/v1/namespaces/mcp/issuers/le")
    made = item("cert-manager.io/v1 Certificate", {"secretName": "s", "issuerRef": {"name": "le"}})
    assert said([made, pod(volumes=[{"name": "v", "secret": {"secretName": "s"}}])]) == []


def test_what_the_account_may_not_see_is_not_taken_for_missing(cluster, config):
    cluster.forbidden |= {f"{NS}/secrets/s", "/apis/networking.k8s.io/v1/ingressclasses"}
    users = [
        pod(volumes=[{"name": "v", "secret": {"secretName": "s"}}]),
        item("networking.k8s.io/v1 Ingress", {"ingressClassName": "x"}),
    ]
    lines = said(users)
    assert [line.partition(": may not be looked at, so nobody knows whether it is there: ")[0] for line in lines] == [
        "warning: Secret mcp/s",
        "warning: IngressClass x",
    ]


METRICS = [
    (
        item("autoscaling/v2 HorizontalPodAutoscaler", {"metrics": [{"type": "Resource"}]}),
        "metrics.k8s.io/v1beta1",
        "metrics-server",
    ),
    (item("autoscaling/v2 HorizontalPodAutoscaler", {"metrics": [{"type": "Pods"}]}), "custom.metrics.k8s.io/v1beta1", "adapter"),
    (
        item("autoscaling/v2 HorizontalPodAutoscaler", {"metrics": [{"type": "External"}]}),
        "external.metrics.k8s.io/v1beta1",
        "adapter",
    ),
    (item("keda.sh/v1alpha1 ScaledObject", {"triggers": [{"type": "cpu"}]}), "metrics.k8s.io/v1beta1", "metrics-server"),
]


@pytest.mark.parametrize(("scaler", "interface", "chart"), METRICS)
def test_an_autoscaler_needs_somebody_who_serves_its_metrics(scaler, interface, chart, cluster, config):
    cluster.serve("keda.sh", "v1alpha1", "ScaledObject")
    (line,) = said([scaler])
    assert line.startswith(f"warning: {interface}: nothing in the cluster serves these metrics")
    assert chart in line
    cluster.serve(*interface.split("/"))
    assert said([scaler]) == []
    assert said([item("keda.sh/v1alpha1 ScaledObject", {"triggers": [{"type": "prometheus"}]})]) == []


def test_what_a_program_declares_without_a_place_is_not_looked_for(cluster, config):
    external = External(frozenset({("Secret", "*", "s"), ("Widget", "mcp", "w"), ("Secret", "mcp", "t")}))
    assert said([], external) == ["warning: Secret mcp/t: is not in the cluster; create it [cluster]"]


def test_many_users_are_counted(cluster, config):
    users = [item("keda.sh/v1alpha1 ScaledObject", name=name) for name in "abcd"]
    assert "(used by ScaledObject mcp/a, ScaledObject mcp/b and 2 more)" in said(users)[0]


def test_what_is_no_kubernetes_is_told(cluster, config):
    del cluster.paths["/version"]
    with pytest.raises(ClusterError, match="is no Kubernetes: it has no /version"):
        said([])


STACK = {
    "domain": "example.com",
    "namespace": {"name": "mcp", "create": False},
    "proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}},
    "image": {"pull_secrets": ["ghcr"]},
    "exposure": {"parent": {"name": "public", "namespace": "edge"}},
    "gateway": {"exposure": {}, "trust_network": True},
    "servers": {"clock": {"command": ["clock"]}},
}


@pytest.mark.parity("stack.prerequisites")
def test_everything_that_a_stack_file_names_is_looked_for_at_once(cluster, config):
    with connect() as api:
        found = prerequisites(load_spec(STACK, "staging"), api)
    assert {one.object: one.severity for one in found} == {
        "HTTPRoute gateway.networking.k8s.io/v1": "error",
        "Namespace mcp": "error",
        "Secret mcp/ghcr": "warning",
        "Gateway edge/public": "warning",
    }


def test_nothing_is_needed_beyond_what_is_known_how_to_read():
    for project, stack in STACKS:
        needs = needs_of(rendered(project, stack).objects)
        assert {kind for kind, _, _ in needs.objects} <= set(CORE), (project, stack)
