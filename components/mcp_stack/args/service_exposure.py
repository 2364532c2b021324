"""Arguments of a component: ServiceExposure. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .exposure import CorsArgs, OwnGatewayArgs, ParentRefArgs, RateLimitArgs, TlsArgs


class ServiceExposureArgs(TypedDict):
    """A way from outside to a Service that is there already."""

    via: NotRequired[str]
    """HTTPRoute attached to a Gateway, or Ingress of class `ingress_class`."""
    parent: NotRequired[ParentRefArgs]
    """Gateway of somebody else that ends TLS and takes the routes. Only with `gateway-api`, instead of the stack's `gateway`."""
    ingress_class: NotRequired[str]
    """Class of the ingress controller. Only with `ingress`."""
    controller: NotRequired[str]
    """What runs behind the class. By default the class tells: `nginx`, `traefik`, `haproxy`, `contour`, `alb`, `gce` and `azure-
    application-gateway`, also with a suffix as in `nginx-staging`."""
    tls: NotRequired[TlsArgs]
    """Certificate. Plain HTTP is then redirected. With `parent` it is the matter of that Gateway's owner."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the route or Ingress, beside those that follow from the keys here. Those that do nothing are refused, as far
    as the controller is known."""
    idle_seconds: NotRequired[int]
    """How long a stream or an answer may be silent; 3600 by default. Not every controller can be told for one host."""
    max_body_bytes: NotRequired[int]
    """Largest request. By default what the proxy takes (`limits.max_body_bytes`) on controllers that would otherwise take less."""
    affinity: NotRequired[str]
    """Sends one client to one pod, for legacy servers with sessions in memory; off by default. Few MCP clients keep cookies."""
    cors: NotRequired[CorsArgs]
    """Pages in browsers that may call."""
    rate_limit: NotRequired[RateLimitArgs]
    """Bound on requests, where the controller has one."""
    gateway: NotRequired[OwnGatewayArgs]
    """Makes a Gateway for the stack's routes, in place of `parent`."""
    host_pattern: NotRequired[str]
    """Host of each server: `{server}`, `{environment}` and `{domain}`. What stands in brackets falls away where its value is
    missing: the environment in `production`, the server's name for the gateway."""
    host: NotRequired[str]
    """By the stack's `host_pattern` by default."""
    aliases: NotRequired[list[str]]
    """Further hosts that lead to the same place."""
    path: NotRequired[str]
    """Prefix of the paths that are forwarded."""
    rewrite: NotRequired[str]
    """What takes the place of the prefix `path` on the way. Unchanged by default."""
    service: str
    """The Service, in the namespace of the objects that are made."""
    port: int
    """Port of the Service."""
    server: NotRequired[str]
    """What `{server}` in `host_pattern` stands for; the component's name by default."""
    health_path: NotRequired[str]
    """Page that says whether a pod is well, for load balancers that ask by themselves."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[pulumi.Input[str]]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    environment: NotRequired[str]
    """Environment, part of a host except in `production`. The stack's name by default."""
    domain: NotRequired[str]
    """Domain of the host."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
