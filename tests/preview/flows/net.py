"""Pods, addresses and policies, written short."""

import ipaddress

import yaml

from mcp_stack.preview.flows import Address, Network, Pod
from mcp_stack.preview.rendered import KubeObject


def pod(namespace="shop", ports=None, addresses=(), space=None, **labels):
    """A pod in `namespace`, whose own labels are `space`; `ports`: number by name, TCP."""
    named = {(name, "TCP"): number for name, number in (ports or {}).items()}
    known = tuple(ipaddress.ip_address(one) for one in addresses)
    return Pod(f"{namespace}/{labels}", namespace, labels, space or {}, named, known)


def address(text):
    return Address(ipaddress.ip_address(text))


def policy(text, name="policy", namespace="shop"):
    """A NetworkPolicy from the YAML of its spec."""
    spec = yaml.safe_load(text) if isinstance(text, str) else text
    metadata = {"name": name, "namespace": namespace}
    return KubeObject({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec})


def network(*specs):
    return Network(policy(spec, f"policy-{index}") for index, spec in enumerate(specs))
