"""Arguments of a component: McpStack. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .exposure import StackExposureArgs
from .gateway import GatewayArgs, ProxyArgs
from .image import ImageDefaultsArgs
from .monitoring import MonitoringArgs
from .network import NetworkArgs
from .secret import SecretArgs
from .server import ServerArgs, ServerDefaultsArgs
from .stack import NamespaceArgs
from .store import SecretStoreArgs


class McpStackArgs(TypedDict):
    """MCP servers, and the gateway in front of them."""

    environment: NotRequired[str]
    """Environment, part of hosts except in `production`. The stack's name by default."""
    domain: NotRequired[str]
    """Domain of exposed hosts."""
    namespace: NotRequired[NamespaceArgs]
    """Kubernetes namespace of all objects."""
    labels: NotRequired[dict[str, str]]
    """Labels of all objects and pods."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of all objects and pods."""
    image: NotRequired[ImageDefaultsArgs]
    """What images have in common."""
    proxy: NotRequired[ProxyArgs]
    """The bundled proxy image."""
    secrets: NotRequired[dict[str, SecretArgs]]
    """Secrets that several servers read."""
    secret_stores: NotRequired[dict[str, SecretStoreArgs]]
    """Where secrets come from that name a `store`."""
    exposure: NotRequired[StackExposureArgs]
    """How servers are reached from outside, where they have an `exposure`."""
    network: NotRequired[NetworkArgs]
    """Where the cluster's own services are that pods of the stack call."""
    monitoring: NotRequired[MonitoringArgs]
    """Scraping, alerts and a dashboard, where the cluster has the Prometheus operator."""
    defaults: NotRequired[ServerDefaultsArgs]
    """What servers inherit, field by field."""
    gateway: NotRequired[GatewayArgs]
    """The proxy in front of all servers."""
    servers: NotRequired[dict[str, ServerArgs]]
    """MCP servers by name: a lower-case letter, then letters, digits and single dashes, at most 40 characters."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""
