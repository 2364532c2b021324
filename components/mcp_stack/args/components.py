"""Arguments of the components. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict

import pulumi

from .parts import (
    AuditArgs,
    AuthenticationArgs,
    AutoscalingArgs,
    ClientArgs,
    DestinationArgs,
    DisruptionArgs,
    EnvFromArgs,
    ExposureArgs,
    ExposureDefaultsArgs,
    FileArgs,
    GatewayArgs,
    ImageArgs,
    ImageDefaultsArgs,
    ManagementArgs,
    MetricsArgs,
    NamespaceArgs,
    ProbesArgs,
    ProxyArgs,
    RemoteServerArgs,
    ResourcesArgs,
    SecurityArgs,
    ServerArgs,
    ServerDefaultsArgs,
    ServiceArgs,
    SessionsArgs,
    TolerationArgs,
)
from .proxy import (
    CliConfigArgs,
    LimitsArgs,
    ProcessConfigArgs,
    VirtualServerArgs,
)
from .secrets import (
    SecretArgs,
)
from .stores import (
    SecretStoreArgs,
)


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
    exposure: NotRequired[ExposureDefaultsArgs]
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
    restart: NotRequired[str]
    """How a new value of a store's secret reaches the processes; see docs/secrets.md. `reloader`: Stakater's Reloader restarts the
    pods. `infisical`: Infisical's operator does. `rereads`: the server reads its `files` again by itself."""
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
    secret_stores: NotRequired[dict[str, SecretStoreArgs]]
    """Where secrets come from that name a `store`."""
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
    proxy_image: NotRequired[ImageArgs]
    """The bundled proxy image, which the gateway runs."""
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
