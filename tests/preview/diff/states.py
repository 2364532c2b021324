"""Evaluations, written down as lists of objects."""

from mcp_stack.preview.rendered import Rendered
from mcp_stack.preview.resources import Resource

PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:kubernetes::cluster"


def resource(kind, logical, *, api="v1", name=None, namespace="shop", provider="", **fields):
    """A Kubernetes object; `aliases`, `options` and `parent_type` are the resource's, the rest is its manifest."""
    own = {key: fields.pop(key) for key in ("aliases", "options") if key in fields}
    chain = f"{fields.pop('parent_type')}$" if "parent_type" in fields else ""
    metadata = {"name": name or logical, "namespace": namespace, **fields.pop("metadata", {})}
    token = f"kubernetes:{api if '/' in api else f'core/{api}'}:{kind}"
    urn = f"urn:pulumi:dev::shop::{chain}{token}::{logical}"
    return Resource(
        urn, token, logical, "", {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}, provider=provider, **own
    )


def provider(**inputs):
    return Resource(PROVIDER, "pulumi:providers:kubernetes", "cluster", "", inputs)


def state(*resources, **outputs):
    return Rendered("shop", "dev", resources, outputs)


def deployment(logical="web", *, image="web:1", config="web-config-0123456789", **fields):
    volumes = [{"name": "config", "configMap": {"name": config}}]
    containers = [{"name": "web", "image": image}]
    labels = {"app": "web"}
    annotations = fields.pop("annotations", {})
    template = {"metadata": {"labels": labels, "annotations": annotations}, "spec": {"containers": containers, "volumes": volumes}}
    spec = {
        "replicas": fields.pop("replicas", 1),
        "selector": {"matchLabels": fields.pop("selector", labels)},
        "template": template,
    }
    return resource(fields.pop("kind", "Deployment"), logical, api="apps/v1", spec=spec, **fields)


def config_map(digest="0123456789", text="a: 1\n"):
    return resource("ConfigMap", "web-config", name=f"web-config-{digest}", data={"proxy.yaml": text}, immutable=True)
