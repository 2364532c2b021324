"""Which chart brings what a cluster does not have."""

from collections.abc import Mapping


def _chart(name: str, repository: str, namespace: str, *settings: str) -> str:
    words = ["helm upgrade --install", name, name, "--repo", repository, "--namespace", namespace, "--create-namespace", *settings]
    return f"install the chart {name}: `{' '.join(words)}`"


_GATEWAY_API = "https://github.com/kubernetes-sigs/gateway-api/releases/latest/download/standard-install.yaml"

_EXTERNAL_SECRETS = _chart("external-secrets", "https://charts.external-secrets.io", "external-secrets")

ORIGINS: Mapping[str, str] = {
    "cert-manager.io": _chart("cert-manager", "https://charts.jetstack.io", "cert-manager", "--set crds.enabled=true"),
    "external-secrets.io": _EXTERNAL_SECRETS,
    "generators.external-secrets.io": _EXTERNAL_SECRETS,
    "secrets.infisical.com": _chart(
        "secrets-operator", "https://dl.cloudsmith.io/public/infisical/helm-charts/helm/charts/", "infisical-operator"
    ),
    "monitoring.coreos.com": _chart("kube-prometheus-stack", "https://prometheus-community.github.io/helm-charts", "monitoring"),
    "keda.sh": _chart("keda", "https://kedacore.github.io/charts", "keda"),
    "gateway.networking.k8s.io": (
        f"install the Gateway API, which most charts of Gateways bring: `kubectl apply --server-side -f {_GATEWAY_API}`"
    ),
    "gateway.envoyproxy.io": "install the chart gateway-helm of Envoy Gateway (gateway.envoyproxy.io, Install with Helm)",
    "traefik.io": _chart("traefik", "https://traefik.github.io/charts", "traefik"),
    "k8s.nginx.org": "install the chart nginx-ingress of F5 (docs.nginx.com, NGINX Ingress Controller)",
    "networking.gke.io": "GKE has it: switch on the cluster's Gateway API (`--gateway-api=standard`) or HTTP load balancing",
    "cloud.google.com": "GKE has it: switch on the cluster's HTTP load balancing",
    "metrics.k8s.io": _chart("metrics-server", "https://kubernetes-sigs.github.io/metrics-server/", "kube-system"),
    "custom.metrics.k8s.io": _chart("prometheus-adapter", "https://prometheus-community.github.io/helm-charts", "monitoring"),
    "external.metrics.k8s.io": _chart("prometheus-adapter", "https://prometheus-community.github.io/helm-charts", "monitoring"),
}
"""By group of the API."""


def origin_of(group: str) -> str:
    """How a cluster comes by `group`; for one that nobody here knows, what to look for."""
    return ORIGINS.get(group, f"install what defines {group or 'it'}")
