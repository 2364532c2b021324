"""A server that a team deploys by itself, and the proxy in its pods: callers reach the proxy's port, and no other.

The team's namespace is there before, with the keys of the callers and of the sessions: a program reads only what there is.
"""

import pulumi
import pulumi_kubernetes as k8s

from mcp_stack.disruption import Disruption
from mcp_stack.monitoring import Monitoring
from mcp_stack.proxy import McpProxy

NAMESPACE = "mpl"
LABELS = {"app": "mcp-server"}
REPLICAS = 3
DIGEST = "sha256:fa9cf8cc011992201a9b7129ab566b222970d65a396218dc21ee353c554661bf"
PROXY_DIGEST = "sha256:1241936d4dd3aad68fe7bfbdfe854b935926bc678fc72377e15166078916227a"

TEMPLATE = {
    "metadata": {"labels": LABELS},
    "spec": {
        "serviceAccountName": "mcp-server",
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 45,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 20001,
            "runAsGroup": 20001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "mcp-server",
                "image": f"ghcr.io/acme/mcp-server@{DIGEST}",
                "imagePullPolicy": "Always",
                "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                "resources": {
                    "requests": {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "32Mi"},
                    "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "1Gi"},
                },
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},  # the proxy goes on until this container has ended
                "startupProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 5},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 5},
                "livenessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 30},
            }
        ],
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": LABELS}},
                    }
                ]
            }
        },
    },
}
"""The team's pod as it was before, keys as the API has them."""


def main() -> None:
    """Everything in the team's namespace."""
    cluster = k8s.Provider("cluster", enable_secret_mutable=True)
    inside = pulumi.ResourceOptions(provider=cluster)
    meta = {"name": "mcp-server", "namespace": NAMESPACE, "labels": LABELS}
    k8s.core.v1.Namespace.get("namespace", NAMESPACE, opts=inside)
    for name in ("agent-keys", "session-keys"):
        k8s.core.v1.Secret.get(name, f"{NAMESPACE}/{name}", opts=inside)
    account = k8s.core.v1.ServiceAccount("account", metadata=meta, automount_service_account_token=False, opts=inside)
    proxy = McpProxy(
        "mcp-server",
        {
            "namespace": NAMESPACE,
            "proxy_image": {"repository": "ghcr.io/acme/mcp-stack-proxy", "tag": "0.1.0", "digest": PROXY_DIGEST},
            "sidecar": {"port": 8080, "selector": LABELS, "replicas": REPLICAS},
            "secrets": {
                "callers": {"existing": "agent-keys", "key": "api-keys.yaml"},
                "sealing": {"existing": "session-keys", "key": "session-keys"},
            },
            "authentication": {"api_keys": {"secret": "callers"}},
            "sessions": {"keys": {"secret": "sealing"}},
            "validation": {"arguments": "enforce"},
            "server_limits": {"max_concurrent": 20},
            "clients": [{"pods": {"app": "ai-agent"}}],
            "management": {"scrapers": [{"namespace": "monitoring"}]},
            "annotations": {"prometheus.io/scrape": "false"},  # the monitor below finds it, and nobody counts it twice
        },
        inside,
    )
    # The pods' own way out: DNS, and each other, which the proxies of several replicas need.
    k8s.networking.v1.NetworkPolicy(
        "egress",
        metadata={**meta, "name": "mcp-server-egress"},
        spec={
            "podSelector": {"matchLabels": LABELS},
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": [
                        {
                            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                        }
                    ],
                    "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
                },
                {"to": [{"podSelector": {"matchLabels": LABELS}}], "ports": [{"protocol": "TCP", "port": 9443}]},
            ],
        },
        opts=inside,
    )
    k8s.apps.v1.Deployment(
        "server",
        metadata=meta,
        spec={
            "replicas": REPLICAS,
            "selector": {"matchLabels": LABELS},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": proxy.inject(TEMPLATE),
        },
        opts=pulumi.ResourceOptions(provider=cluster, depends_on=[proxy, account]),
    )
    Disruption("budget", {"namespace": NAMESPACE, "selector": LABELS, "min_replicas": REPLICAS}, inside)
    Monitoring(
        "watch",
        {"namespace": NAMESPACE, "selector": LABELS, "labels": {"release": "prometheus"}, "via": "pod-monitor"},
        inside,
    )
    pulumi.export("url", proxy.url)


main()
