"""Arguments of the components. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict

import pulumi

from .affinity import AffinityArgs
from .alone import AskedArgs
from .autoscaling import AutoscalingArgs, ContainerTargetsArgs, KedaArgs, ScalingRulesArgs
from .containers import InitContainerArgs
from .exposure import CorsArgs, ExposureArgs, OwnGatewayArgs, ParentRefArgs, RateLimitArgs, StackExposureArgs, TlsArgs
from .gateway import AuthenticationArgs, GatewayArgs, ProxyArgs, SessionsArgs
from .image import ImageArgs, ImageDefaultsArgs
from .monitoring import AlertsArgs, DashboardArgs, MonitoringArgs
from .network import ClientArgs, DestinationArgs, NetworkArgs, ServiceArgs
from .observing import AuditArgs, ManagementArgs, MetricsArgs
from .placement import SpreadingArgs, TolerationArgs
from .probes import ProbesArgs
from .proxy import CliConfigArgs, LimitsArgs, ProcessConfigArgs, ServerLimitsArgs, ToolFilterArgs, ValidationArgs, VirtualServerArgs
from .scaling import DisruptionArgs, ResourcesArgs
from .secret import SecretArgs
from .secrets import EnvFromArgs, FileArgs
from .server import RemoteServerArgs, ServerArgs, ServerDefaultsArgs
from .stack import NamespaceArgs
from .storage import StorageArgs, VolumeArgs
from .store import SecretStoreArgs
from .upstream import SidecarArgs
from .workload import SecurityArgs


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


class McpServerArgs(TypedDict):
    """One MCP server that runs in the cluster: `image` (speaks HTTP) or `command` (speaks stdio; the proxy image wraps it)."""

    writable: NotRequired[list[str]]
    """Directories beside /tmp, empty when a pod starts and gone with it."""
    exposure: NotRequired[ExposureArgs]
    """Host under which it is reached from outside, where present."""
    clients: NotRequired[list[ClientArgs]]
    """Pods and addresses that may call it, beside the gateway and what `exposure` lets in."""
    node_selector: NotRequired[dict[str, str]]
    """Labels of the nodes that pods may run on."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints that pods put up with."""
    affinity: NotRequired[AffinityArgs]
    """Nodes and other pods that pods are drawn to or kept from, as Kubernetes has it."""
    spreading: NotRequired[SpreadingArgs]
    """How several replicas are spread over nodes and zones."""
    priority_class: NotRequired[str]
    """PriorityClass: whose pods give way when nodes are full."""
    runtime_class: NotRequired[str]
    """RuntimeClass: another container runtime than the nodes' usual one, such as a sandbox."""
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
    """Startup, readiness and liveness; working ones exist without a key. Of `defaults` a `command` takes over the times alone: the
    proxy round it has pages of its own."""
    service: NotRequired[ServiceArgs]
    """Its Service."""
    security: NotRequired[SecurityArgs]
    """User, and whether the image's files can be written."""
    volumes: NotRequired[dict[str, VolumeArgs]]
    """Volumes of its pods, by name."""
    init_containers: NotRequired[list[InitContainerArgs]]
    """Containers that start before it, in this order; sidecars go on beside it."""
    pause_seconds: NotRequired[int]
    """Time between a pod's end as target of its Service and SIGTERM: callers learn of it only after a while. A load balancer that
    calls pods directly may need more."""
    restart: NotRequired[str]
    """How a new value of a store's secret reaches the processes; see docs/secrets.md. `reloader`: Stakater's Reloader restarts the
    pods. `infisical`: Infisical's operator does. `rereads`: the server reads its `files` again by itself."""
    env: NotRequired[dict[str, Any]]
    """Variables of every server that runs here."""
    storage_class: NotRequired[str]
    """StorageClass of `storage.claims` that name none."""
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
    storage: NotRequired[StorageArgs]
    """Volumes of its own, which outlive its pods."""
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
    secret_stores: NotRequired[dict[str, SecretStoreArgs]]
    """Where secrets come from that name a `store`."""
    network: NotRequired[NetworkArgs]
    """Where the cluster's own services are that its pods call."""
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
    monitoring: NotRequired[MonitoringArgs]
    """Scraping, alerts and a dashboard for the proxy round a `command`."""
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
    node_selector: NotRequired[dict[str, str]]
    """Labels of the nodes that pods may run on."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints that pods put up with."""
    affinity: NotRequired[AffinityArgs]
    """Nodes and other pods that pods are drawn to or kept from, as Kubernetes has it."""
    spreading: NotRequired[SpreadingArgs]
    """How several replicas are spread over nodes and zones."""
    priority_class: NotRequired[str]
    """PriorityClass: whose pods give way when nodes are full."""
    runtime_class: NotRequired[str]
    """RuntimeClass: another container runtime than the nodes' usual one, such as a sandbox."""
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
    volumes: NotRequired[dict[str, VolumeArgs]]
    """Volumes of its pods, by name."""
    init_containers: NotRequired[list[InitContainerArgs]]
    """Containers that start before it, in this order; sidecars go on beside it."""
    pause_seconds: NotRequired[int]
    """Time between a pod's end as target of its Service and SIGTERM: callers learn of it only after a while. A load balancer that
    calls pods directly may need more."""
    restart: NotRequired[str]
    """How a new value of a store's secret reaches the processes; see docs/secrets.md. `reloader`: Stakater's Reloader restarts the
    pods. `infisical`: Infisical's operator does. `rereads`: the server reads its `files` again by itself."""
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
    secret_stores: NotRequired[dict[str, SecretStoreArgs]]
    """Where secrets come from that name a `store`."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[str]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    environment: NotRequired[str]
    """Environment, part of an exposed host except in `production`. The stack's name by default."""
    domain: NotRequired[str]
    """Domain of an exposed host."""
    network: NotRequired[NetworkArgs]
    """Where the cluster's own services are that its pods call."""
    proxy_image: NotRequired[ImageArgs]
    """The bundled proxy image, which the gateway runs."""
    monitoring: NotRequired[MonitoringArgs]
    """Scraping, alerts and a dashboard for the gateway."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""


class McpProxyArgs(TypedDict):
    """The proxy before one MCP server: `url` (pods of its own) or `sidecar` (the pods of a workload)."""

    exposure: NotRequired[ExposureArgs]
    """Host under which it is reached from outside, where present."""
    clients: NotRequired[list[ClientArgs]]
    """Pods and addresses that may call it, beside the gateway and what `exposure` lets in."""
    node_selector: NotRequired[dict[str, str]]
    """Labels of the nodes that pods may run on."""
    tolerations: NotRequired[list[TolerationArgs]]
    """Taints that pods put up with."""
    affinity: NotRequired[AffinityArgs]
    """Nodes and other pods that pods are drawn to or kept from, as Kubernetes has it."""
    spreading: NotRequired[SpreadingArgs]
    """How several replicas are spread over nodes and zones."""
    priority_class: NotRequired[str]
    """PriorityClass: whose pods give way when nodes are full."""
    runtime_class: NotRequired[str]
    """RuntimeClass: another container runtime than the nodes' usual one, such as a sandbox."""
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
    volumes: NotRequired[dict[str, VolumeArgs]]
    """Volumes of its pods, by name."""
    init_containers: NotRequired[list[InitContainerArgs]]
    """Containers that start before it, in this order; sidecars go on beside it."""
    pause_seconds: NotRequired[int]
    """Time between a pod's end as target of its Service and SIGTERM: callers learn of it only after a while. A load balancer that
    calls pods directly may need more."""
    restart: NotRequired[str]
    """How a new value of a store's secret reaches the processes; see docs/secrets.md. `reloader`: Stakater's Reloader restarts the
    pods. `infisical`: Infisical's operator does. `rereads`: the server reads its `files` again by itself."""
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
    url: NotRequired[str]
    """MCP endpoint of the server, for a proxy with pods of its own."""
    sidecar: NotRequired[SidecarArgs]
    """In the place of `url`: the workload in whose pods the proxy runs."""
    headers: NotRequired[dict[str, str]]
    """Headers of every request to the server, with `${VARIABLE}` for what `env` declares."""
    env: NotRequired[dict[str, Any]]
    """Variables for `url` and `headers`."""
    egress: NotRequired[list[DestinationArgs]]
    """For `url`: where the proxy may go instead of the public address that `url` implies."""
    tools: NotRequired[ToolFilterArgs]
    """Which of its tools clients see and may call."""
    validation: NotRequired[ValidationArgs]
    """What is checked of calls, by the tools' own schemas."""
    server_limits: NotRequired[ServerLimitsArgs]
    """Bounds of the server by itself."""
    server: NotRequired[str]
    """Name of the server; the component's name by default."""
    secrets: NotRequired[dict[str, SecretArgs]]
    """Secrets that it reads."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[str]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    environment: NotRequired[str]
    """Environment, part of an exposed host except in `production`. The stack's name by default."""
    domain: NotRequired[str]
    """Domain of an exposed host."""
    network: NotRequired[NetworkArgs]
    """Where the cluster's own services are that its pods call."""
    proxy_image: NotRequired[ImageArgs]
    """The bundled proxy image."""
    monitoring: NotRequired[MonitoringArgs]
    """Scraping, alerts and a dashboard. Not beside `sidecar`."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""


class SecretSyncArgs(TypedDict):
    """Secrets from stores, from encrypted configuration, and of somebody else."""

    environment: NotRequired[str]
    """Environment, part of hosts except in `production`. The stack's name by default."""
    labels: NotRequired[dict[str, str]]
    """Labels of all objects and pods."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of all objects and pods."""
    secrets: NotRequired[dict[str, SecretArgs]]
    """Secrets that several servers read."""
    secret_stores: NotRequired[dict[str, SecretStoreArgs]]
    """Where secrets come from that name a `store`."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[str]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""


class WorkloadAutoscalingArgs(TypedDict):
    """Replicas of one workload, whoever made it. The workload itself must not say how many there are."""

    min: NotRequired[int]
    """Fewest replicas, at least 1: nothing holds a call until a first pod has started."""
    max: NotRequired[int]
    """Most replicas."""
    cpu: NotRequired[int]
    """Percent of requested CPU to aim at, over all containers of a pod. 80 for CPU and memory where there is no target at all."""
    memory: NotRequired[int]
    """Percent of requested memory to aim at, over all containers of a pod."""
    container: NotRequired[ContainerTargetsArgs]
    """Targets of its own container alone, so that an idle or a busy neighbour in the pod does not count."""
    calls: NotRequired[int]
    """Calls in flight for each replica to aim at; open streams of notifications are none. Needs `keda` or `calls_metric`."""
    calls_metric: NotRequired[str]
    """Without `keda`: name under which an adapter that the cluster has already serves `mcp_proxy_calls_in_flight` of each pod as a
    custom metric. Only where the pods run the proxy."""
    keda: NotRequired[KedaArgs]
    """KEDA instead of a plain autoscaler, for `calls`."""
    scale_up: NotRequired[ScalingRulesArgs]
    """Limits on growing."""
    scale_down: NotRequired[ScalingRulesArgs]
    """Limits on shrinking."""
    namespace: str
    """Namespace of the workload."""
    workload: str
    """Name of the workload."""
    kind: NotRequired[str]
    """What it is."""
    container_name: NotRequired[str]
    """Name of the container that `container` is about."""
    labels: NotRequired[dict[str, str]]
    """Labels of the autoscaler."""
    prometheus: NotRequired[AskedArgs]
    """Whom KEDA asks for the calls in flight, with `keda`."""


class WorkloadDisruptionArgs(TypedDict):
    """Pods of one workload that may be away at once. Nothing at a single replica, where any budget is either useless or a trap."""

    max_unavailable: NotRequired[int]
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""
    namespace: str
    """Namespace of the pods."""
    selector: dict[str, str]
    """Labels that select exactly the pods of one workload."""
    min_replicas: int
    """Replicas that the workload never falls below: the autoscaler's minimum, or the fixed number."""
    labels: NotRequired[dict[str, str]]
    """Labels of the budget."""


class ProxyMonitoringArgs(TypedDict):
    """Scraping, alerts and a dashboard for proxies that were deployed in some other way."""

    via: NotRequired[str]
    """ServiceMonitors, for which each proxy's Service gets a port `metrics`; or PodMonitors, which need no Service."""
    labels: dict[str, str]
    """Labels by which Prometheus selects monitors and rules, often `{release: NAME}` of its Helm chart; `{}` where it takes all."""
    interval_seconds: NotRequired[int]
    """Time between two scrapes."""
    timeout_seconds: NotRequired[int]
    """Time that one may take, at most `interval_seconds`."""
    alerts: NotRequired[AlertsArgs]
    """A PrometheusRule."""
    dashboard: NotRequired[DashboardArgs]
    """A Grafana dashboard."""
    namespace: str
    """Namespace of the proxies. Their network policies have to let Prometheus in."""
    selector: dict[str, str]
    """Labels of their Services, each with a port `metrics`; or of their pods, with a port `management`, via `pod-monitor`. The pods
    carry them in either case."""


class ImageBuildArgs(TypedDict):
    """An image to build and push, or one that has been pushed."""

    repository: str
    """Where it is pushed, with the registry: `ghcr.io/acme/mcp-stack-proxy`."""
    tag: NotRequired[str]
    """Version that it is pushed as. Needed beside `context`; what runs is the digest."""
    digest: NotRequired[Any]
    """Digest of an image that has been pushed: `sha256:` and 64 hexadecimal digits. May be an output of another resource."""
    context: NotRequired[str]
    """Directory that is sent to the builder."""
    dockerfile: NotRequired[str]
    """Path of the Dockerfile; `Dockerfile` in the context by default."""
    target: NotRequired[str]
    """Stage that is built; the last one by default."""
    platforms: NotRequired[list[str]]
    """Such as `linux/amd64` and `linux/arm64`; the builder's own by default."""
    arguments: NotRequired[dict[str, Any]]
    """Build arguments. Everyone who gets the image can read them, so they are no place for secrets."""
    username: NotRequired[str]
    """Who pushes; whoever has logged in with `docker login` by default."""
    password: NotRequired[Any]
    """Password or token of `username`."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
