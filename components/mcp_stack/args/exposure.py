"""What arguments consist of: exposure. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi


class ParentRefArgs(TypedDict):
    """The Gateway (Gateway API) that a route attaches to."""

    name: pulumi.Input[str]
    """Its name."""
    namespace: NotRequired[pulumi.Input[str]]
    """Its namespace; the stack's own by default."""
    listener: NotRequired[str]
    """One listener of it, such as `https`; all by default."""


class TlsArgs(TypedDict):
    """Where the certificate comes from: a Secret that exists, or an issuer of cert-manager."""

    secret: NotRequired[str]
    """Secret with certificate and key (`kubernetes.io/tls`), for the host alone or as a wildcard for many."""
    secret_namespace: NotRequired[str]
    """Namespace of `secret`, the stack's own by default. Only with `gateway`; the stack then grants itself the reference."""
    issuer: NotRequired[str]
    """Issuer of cert-manager in the stack's namespace, which makes the Secret."""
    cluster_issuer: NotRequired[str]
    """ClusterIssuer of cert-manager, which makes the Secret."""
    wildcard: NotRequired[bool]
    """With an issuer: one certificate `*.staging.example.com` for all hosts of a domain, in place of one for each. Needs DNS-01."""


class CorsArgs(TypedDict):
    """Which pages in browsers may call. Gateway and wrapped stdio servers answer browsers themselves."""

    origins: list[str]
    """Origins of the pages: `https://app.example.com`."""


class RateLimitArgs(TypedDict):
    """Requests over it are refused before they reach a pod, with 429 or as the controller says (503 by ingress-nginx)."""

    requests: int
    """Requests per `per`; as many may come at once."""
    per: NotRequired[str]
    """Unit of time."""
    by: NotRequired[str]
    """Counted for each client's address, or for everyone together. Each replica of the controller counts by itself."""


class OwnGatewayArgs(TypedDict):
    """A Gateway of the stack's own: a listener for each certificate, and plain HTTP that only redirects."""

    gateway_class: str
    """GatewayClass that runs it, such as `envoy-gateway` or `gke-l7-global-external-managed`."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of what the class makes for it, such as the Service of type LoadBalancer (`spec.infrastructure`)."""


class StackExposureArgs(TypedDict):
    """How a stack's servers are reached from outside, where they have an `exposure`."""

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
    controller_namespaces: NotRequired[list[str]]
    """Namespaces of the pods that forward traffic. By default where the controller usually lives, or that of `parent`."""
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


class ExposureArgs(TypedDict):
    """One way from outside to one Service. Keys left out come from the stack's `exposure`."""

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
    controller_namespaces: NotRequired[list[str]]
    """Namespaces of the pods that forward traffic. By default where the controller usually lives, or that of `parent`."""
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
    enabled: NotRequired[bool]
    """`false` closes it again."""
    host: NotRequired[str]
    """By the stack's `host_pattern` by default."""
    aliases: NotRequired[list[str]]
    """Further hosts that lead to the same place."""
    path: NotRequired[str]
    """Prefix of the paths that are forwarded."""
    rewrite: NotRequired[str]
    """What takes the place of the prefix `path` on the way. Unchanged by default."""
