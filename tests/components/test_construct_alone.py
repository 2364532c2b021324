"""What the component package has for parts that are somebody else's, as a program in another language asks for it."""

import grpc
import pytest
from google.protobuf import json_format
from pulumi.runtime.rpc import UNKNOWN

from tests.components.engine_side import SECRET_SIGNATURE, first_envelope, output


@pytest.mark.parity("stack.package")
def test_a_way_from_outside_from_another_language(construct):
    state, objects = construct(
        "Exposure",
        "shop",
        {
            "service": "shop",
            "port": 80,
            "domain": "example.com",
            "hostPattern": "{server}.{domain}",
            "gateway": {"gatewayClass": "eg"},
            "tls": {"clusterIssuer": "letsencrypt"},
            "rateLimit": {"requests": 5, "by": "everyone"},
        },
    )
    assert state["hosts"] == ["shop.example.com"]
    assert objects["BackendTrafficPolicy"]["spec"]["rateLimit"]["local"]["rules"][0]["limit"]["requests"] == 5
    assert objects["Gateway"]["spec"]["gatewayClassName"] == "eg"


@pytest.mark.parity("stack.package")
def test_secrets_from_another_language(construct):
    """Keys of a Secret, of tags and of labels are data: they arrive as they were written."""
    state, objects = construct(
        "SecretSync",
        "keys",
        {
            "namespace": "team",
            "secretStores": {"aws": {"aws": {"service": "SecretsManager", "region": "eu-central-1"}, "refreshSeconds": 60}},
            "secrets": {
                "token": {"store": "aws", "remote": {"key": "aB/token"}},
                "own": {"config": "theToken"},
            },
            "secretValues": {"theToken": output("hush")},
        },
        preview=False,
    )
    assert objects["SecretStore"]["spec"]["refreshInterval"] == 60
    assert objects["ExternalSecret"]["spec"]["data"][0]["remoteRef"]["key"] == "aB/token"
    assert "hush" in str(objects["Secret"]["stringData"])
    assert state["secretNames"] == {"token": "dev-shared.token", "own": "dev-shared.own"}


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize(
    ("component", "inputs", "kinds", "state"),
    [
        (
            "Autoscaling",
            {"namespace": "team", "workload": "web", "min": 2, "max": 4, "container": {"cpu": 70}, "containerName": "app"},
            {"HorizontalPodAutoscaler"},
            {"objectName": "web"},
        ),
        (
            "Autoscaling",
            {
                "namespace": "team",
                "workload": "web",
                "calls": 9,
                "keda": {"fallback": {"replicas": 3}},
                "prometheus": {"address": "http://prometheus.example", "query": "sum(x)"},
            },
            {"ScaledObject"},
            {"objectName": "web"},
        ),
        (
            "Disruption",
            {"namespace": "team", "selector": {"app.kubernetes.io/name": "web"}, "minReplicas": 2},
            {"PodDisruptionBudget"},
            {"budgetName": "web"},
        ),
        (
            "Network",
            {"namespace": "team", "clients": [{"cidr": "10.0.0.0/8"}], "ports": [8000], "apiServer": {"cidrs": ["10.96.0.1/32"]}}
            | {"egress": [{"apiServer": True}], "scrapers": [{"namespace": "monitoring"}], "metricsPort": 9100},
            {"NetworkPolicy"},
            {"objectName": "web"},
        ),
        (
            "Backup",
            {
                "namespace": "team",
                "existingClaim": "data",
                "size": "5Gi",
                "image": {"repository": "acme/proxy", "tag": "1.0.0"},
                "to": {"s3": {"bucket": "acme-backups", "credentials": {"existingSecret": "keys"}}},
            },
            {"ServiceAccount", "NetworkPolicy", "CronJob"},
            {"jobName": "web-backup"},
        ),
        (
            "Monitoring",
            {"namespace": "team", "selector": {"app": "web"}, "labels": {"release": "prometheus"}, "alerts": {"slowSeconds": 5}},
            {"ServiceMonitor", "PrometheusRule", "ConfigMap"},
            {"objectName": "web", "dashboardName": "web-dashboard"},
        ),
    ],
)
def test_what_stands_alone_from_another_language(construct, component, inputs, kinds, state):
    made, objects = construct(component, "web", inputs, preview=False)
    assert set(objects) == kinds
    assert made == state


def test_a_mistake_is_named_in_any_language(construct):
    with pytest.raises(grpc.RpcError) as caught:
        construct("McpServer", "web", {"image": {"repository": "web", "tag": "latest"}})
    assert "image.tag: 'latest' names another image tomorrow" in caught.value.details()
    assert "McpServer 'web': 1 problem" in caught.value.details()


@pytest.mark.parametrize("digest", [UNKNOWN, f"sha256:{'a' * 64}"])
def test_an_image_from_another_language(construct, digest):
    """A digest that another resource of the same program has pushed is unknown in a preview."""
    state, objects = construct("ImageBuild", "proxy", {"repository": "ghcr.io/acme/proxy", "digest": digest})
    assert (state["repository"], state["digest"], objects) == ("ghcr.io/acme/proxy", digest, {})


def test_an_image_that_is_built_for_another_language(construct, engine):
    given = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "context": ".", "arguments": {"BASE": "x"}}
    construct("ImageBuild", "proxy", {**given, "username": "ci", "password": output("hush")})
    (built,) = [one for one in engine[1].registered if one.type == "docker-build:index:Image"]
    inputs = json_format.MessageToDict(built.object)
    assert (inputs["tags"], inputs["buildArgs"]) == (["ghcr.io/acme/proxy:1.0.0"], {"BASE": "x"})
    assert SECRET_SIGNATURE.items() <= first_envelope({"registries": inputs["registries"][0]}).items()
