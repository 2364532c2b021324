"""Arguments of the components. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict

import pulumi

from .exposure import CorsArgs, ExposureArgs, OwnGatewayArgs, ParentRefArgs, RateLimitArgs, StackExposureArgs, TlsArgs
from .gateway import AuthenticationArgs, GatewayArgs, ProxyArgs, SessionsArgs
from .image import ImageArgs, ImageDefaultsArgs
from .network import ClientArgs, DestinationArgs, ServiceArgs
from .observing import AuditArgs, ManagementArgs, MetricsArgs
from .probes import ProbesArgs
from .proxy import CliConfigArgs, LimitsArgs, ProcessConfigArgs, VirtualServerArgs
from .scaling import AutoscalingArgs, DisruptionArgs, ResourcesArgs
from .secrets import EnvFromArgs, FileArgs, SecretArgs
from .server import RemoteServerArgs, ServerArgs, ServerDefaultsArgs
from .stack import NamespaceArgs
from .workload import SecurityArgs, TolerationArgs


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
    exposure: NotRequired[StackExposureArgs]
    """How servers are reached from outside, where they have an `exposure`."""
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


class McpServerArgs(TypedDict):
    """One MCP server that runs in the cluster: `image` (speaks HTTP) or `command` (speaks stdio; the proxy image wraps it)."""

    writable: NotRequired[list[str]]
    """Directories beside /tmp, empty when a pod starts and gone with it."""
    exposure: NotRequired[ExposureArgs]
    """Host under which it is reached from outside, where present."""
    clients: NotRequired[list[ClientArgs]]
    """Pods and addresses that may call it, beside the gateway and what `exposure` lets in."""
    labels: NotRequired[dict[str, str]]
    """Labels of all its objects and pods, beside the stack's."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of all its objects and pods, beside the stack's."""
    port: NotRequired[int]
    """Port that it listens on."""
    replicas: NotRequired[int]
    """Fixed number of pods. Not beside `autoscaling`."""
    autoscaling: NotRequired[AutoscalingArgs]
    """Replicas that follow load, where present."""
    disruption: NotRequired[DisruptionArgs]
    """How many pods a drain may take at once."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits."""
    probes: NotRequired[ProbesArgs]
    """Startup, readiness and liveness; working ones exist without a key."""
    service: NotRequired[ServiceArgs]
    """Its Service."""
    security: NotRequired[SecurityArgs]
    """User, and whether the image's files can be written."""
    node_selector: NotRequired[dict[str, str]]
    """Labels of the nodes that pods may run on."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints that pods put up with."""
    env: NotRequired[dict[str, Any]]
    """Variables of every server that runs here."""
    process: NotRequired[ProcessConfigArgs]
    """How the process of a `command` is kept in each of its pods."""
    image: NotRequired[ImageArgs]
    """Container image that speaks MCP over HTTP on `port` and `path`."""
    command: NotRequired[list[str]]
    """Without `image`: the stdio server's program and arguments. Beside it: replaces the image's entry point."""
    args: NotRequired[list[str]]
    """Further arguments."""
    cli: NotRequired[CliConfigArgs]
    """For `command`: it is a command-line program that knows nothing of MCP, and its `--help` is made into tools. `true`, or a
    mapping with what differs. Its texts stand for themselves, without `${VARIABLE}`."""
    path: NotRequired[str]
    """Path of the image's MCP endpoint."""
    env_from: NotRequired[list[EnvFromArgs]]
    """Existing objects whose keys become variables."""
    files: NotRequired[dict[str, FileArgs]]
    """Files by their path in the container."""
    secrets: NotRequired[dict[str, SecretArgs]]
    """Secrets of this server alone."""
    egress: NotRequired[list[DestinationArgs]]
    """What it may call beside DNS. For `url`, where the gateway may go instead of the public address that `url` implies."""
    grace_seconds: NotRequired[int]
    """Time that a container gets to finish after SIGTERM."""
    server: NotRequired[str]
    """Name of the server; the component's name by default."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[str]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    environment: NotRequired[str]
    """Environment, part of an exposed host except in `production`. The stack's name by default."""
    domain: NotRequired[str]
    """Domain of an exposed host."""
    proxy_image: NotRequired[ImageArgs]
    """The bundled proxy image, which runs a `command`."""
    trust_network: NotRequired[bool]
    """States that only trusted clients reach a wrapped `command`, where nothing checks who calls."""
    limits: NotRequired[LimitsArgs]
    """Bounds on size and time of a wrapped `command`."""
    management: NotRequired[ManagementArgs]
    """Port of health and metrics of a wrapped `command`."""
    metrics: NotRequired[MetricsArgs]
    """What the proxy round a `command` counts."""
    audit: NotRequired[AuditArgs]
    """What the proxy round a `command` records of each call."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""


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
    namespace: NotRequired[str]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    environment: NotRequired[str]
    """Environment, part of a host except in `production`. The stack's name by default."""
    domain: NotRequired[str]
    """Domain of the host."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""


class McpGatewayArgs(TypedDict):
    """One endpoint for MCP servers that run anywhere."""

    exposure: NotRequired[ExposureArgs]
    """Host under which it is reached from outside, where present."""
    clients: NotRequired[list[ClientArgs]]
    """Pods and addresses that may call it, beside the gateway and what `exposure` lets in."""
    labels: NotRequired[dict[str, str]]
    """Labels of all its objects and pods, beside the stack's."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of all its objects and pods, beside the stack's."""
    port: NotRequired[int]
    """Port that it listens on."""
    replicas: NotRequired[int]
    """Fixed number of pods. Not beside `autoscaling`."""
    autoscaling: NotRequired[AutoscalingArgs]
    """Replicas that follow load, where present."""
    disruption: NotRequired[DisruptionArgs]
    """How many pods a drain may take at once."""
    resources: NotRequired[ResourcesArgs]
    """Requests and limits."""
    probes: NotRequired[ProbesArgs]
    """Startup, readiness and liveness; working ones exist without a key."""
    service: NotRequired[ServiceArgs]
    """Its Service."""
    security: NotRequired[SecurityArgs]
    """User, and whether the image's files can be written."""
    node_selector: NotRequired[dict[str, str]]
    """Labels of the nodes that pods may run on."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints that pods put up with."""
    authentication: NotRequired[AuthenticationArgs]
    """Admits only callers with a key. Needed in a cluster, unless `trust_network` is stated; the same in a local run."""
    sessions: NotRequired[SessionsArgs]
    """Sessions that any replica goes on with, and that outlive a restart. Needed where a proxy has more than one replica."""
    trust_network: NotRequired[bool]
    """States that only trusted clients reach the proxies, where nothing checks who calls. Not beside `authentication`."""
    name: NotRequired[str]
    """Name that clients see in `serverInfo`."""
    instructions: NotRequired[str]
    """Text for the model on how to use the servers together."""
    allowed_hosts: NotRequired[list[str]]
    """Host headers accepted beside the Service's names and the exposed host."""
    allowed_origins: NotRequired[list[str]]
    """Origins of browser pages that may call: `https://app.example.com`."""
    management: NotRequired[ManagementArgs]
    """Port of health and metrics, of gateway and wrapped stdio servers."""
    metrics: NotRequired[MetricsArgs]
    """What is counted, by gateway and wrapped stdio servers."""
    audit: NotRequired[AuditArgs]
    """What is recorded of each call."""
    limits: NotRequired[LimitsArgs]
    """Bounds on size and time, for gateway and wrapped stdio servers."""
    virtual_servers: NotRequired[dict[str, VirtualServerArgs]]
    """Endpoints `/servers/NAME/mcp` that offer a selection of what several servers have, under names of its own."""
    servers: dict[str, RemoteServerArgs]
    """Servers by name, each with its `url`."""
    secrets: NotRequired[dict[str, SecretArgs]]
    """Secrets that the gateway or several servers read."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[str]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    environment: NotRequired[str]
    """Environment, part of an exposed host except in `production`. The stack's name by default."""
    domain: NotRequired[str]
    """Domain of an exposed host."""
    proxy_image: NotRequired[ImageArgs]
    """The bundled proxy image, which the gateway runs."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""
