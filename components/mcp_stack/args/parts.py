"""What arguments consist of. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict

from .proxy import (
    CliConfigArgs,
    LimitsArgs,
    ProcessConfigArgs,
    ServerLimitsArgs,
    ToolFilterArgs,
    ValidationArgs,
    VirtualServerArgs,
)
from .secrets import (
    SecretArgs,
)


class DestinationArgs(TypedDict):
    """What may be called."""

    namespace: NotRequired[str]
    """Pods of this namespace; the stack's own where only `pods` is given."""
    pods: NotRequired[dict[str, str]]
    """Labels of the pods; all pods of the namespace by default."""
    cidr: NotRequired[str]
    """Range of addresses outside the cluster."""
    without: NotRequired[list[str]]
    """Ranges within `cidr` that are left out."""
    server: NotRequired[str]
    """A server of this stack, on its port."""
    internet: NotRequired[bool]
    """Every public address; private ranges, link-local ones and the cloud's metadata service stay denied."""
    ports: NotRequired[list[int]]
    """TCP ports; all by default."""


class NamespaceArgs(TypedDict):
    """Kubernetes namespace of all objects."""

    name: NotRequired[str]
    """`mcp-{stack}` by default."""
    create: NotRequired[bool]
    """`false` uses one that exists; its pod-security labels are then somebody else's."""


class ImageDefaultsArgs(TypedDict):
    """What images have in common, unless they say otherwise."""

    registry: NotRequired[str]
    """Put before every repository that names no registry of its own."""
    pull_policy: NotRequired[str]
    """When nodes ask the registry. `Always` also checks that the pod may pull the image, and is cheap where it is cached."""
    pull_secrets: NotRequired[list[str]]
    """Existing Secrets with credentials for `registry`."""
    versioning: NotRequired[str]
    """What an image has to carry: a tag or a digest (`tag`), a digest (`digest`), a tag that is a semantic version (`semver`)."""


class ImageArgs(TypedDict):
    """One image. What runs is the digest, where there is one."""

    repository: str
    """`acme/github`, or with a registry (`ghcr.io/acme/github`), which is then left alone."""
    tag: NotRequired[str]
    """Version, never `latest`."""
    digest: NotRequired[str]
    """Exact content, which a tag cannot promise."""
    registry: NotRequired[str]
    """In place of the stack's registry."""
    pull_policy: NotRequired[str]
    """In place of the stack's policy."""
    pull_secrets: NotRequired[list[str]]
    """In place of the stack's Secrets, which are for the stack's registry alone."""


class ProxyArgs(TypedDict):
    """The bundled image: gateway, and wrapper of stdio servers."""

    image: NotRequired[ImageArgs]
    """One reference for every role. Needed in a cluster."""


class ParentRefArgs(TypedDict):
    """The Gateway (Gateway API) that a route attaches to."""

    name: str
    """Its name."""
    namespace: NotRequired[str]
    """Its namespace; the stack's own by default."""
    listener: NotRequired[str]
    """One listener of it, such as `https`; all by default."""


class ExposureDefaultsArgs(TypedDict):
    """How a stack's servers are reached from outside, where they are."""

    via: NotRequired[str]
    """HTTPRoute attached to `parent`, or Ingress of class `ingress_class`."""
    parent: NotRequired[ParentRefArgs]
    """Gateway that terminates TLS and takes the routes. Only with `gateway-api`."""
    ingress_class: NotRequired[str]
    """Class of the ingress controller, whose name also selects the settings for streaming. Only with `ingress`."""
    tls_secret: NotRequired[str]
    """Secret with certificate and key for the host, or a wildcard for all. Only with `ingress`."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the route or Ingress, beside those that streaming needs."""
    controller_namespaces: NotRequired[list[str]]
    """Namespaces of the pods that forward traffic. By default that of `parent`, or the one where `ingress_class` usually lives."""


class ScalingPolicyArgs(TypedDict):
    """One allowed step of the autoscaler."""

    type: str
    """Unit of `value`."""
    value: int
    """Size of the step."""
    period_seconds: int
    """Time in which the step may happen once."""


class ScalingRulesArgs(TypedDict):
    """How fast the autoscaler moves in one direction."""

    stabilization_seconds: NotRequired[int]
    """Time over which the most cautious recommendation counts; Kubernetes: 0 up, 300 down."""
    select: NotRequired[str]
    """Which of several policies decides; `Disabled` forbids the direction."""
    policies: NotRequired[list[ScalingPolicyArgs]]
    """Allowed steps."""


class AutoscalingArgs(TypedDict):
    """Replicas that follow load. There are no fixed `replicas` beside it."""

    enabled: NotRequired[bool]
    """`false` removes an autoscaler that the stack's defaults would add."""
    min: NotRequired[int]
    """Fewest replicas."""
    max: NotRequired[int]
    """Most replicas."""
    cpu: NotRequired[int]
    """Percent of requested CPU to aim at. 80 for CPU and memory where neither is given."""
    memory: NotRequired[int]
    """Percent of requested memory to aim at."""
    scale_up: NotRequired[ScalingRulesArgs]
    """Limits on growing."""
    scale_down: NotRequired[ScalingRulesArgs]
    """Limits on shrinking."""


class DisruptionArgs(TypedDict):
    """Pods that may be away at once when nodes are drained. A budget exists from two replicas on."""

    max_unavailable: NotRequired[int]
    """Must stay below the fewest replicas; with `minAvailable` a budget could block drains for ever."""


class AmountsArgs(TypedDict):
    """Kubernetes quantities by resource."""

    cpu: NotRequired[str]
    """Cores: `250m`, `1.5`."""
    memory: NotRequired[str]
    """Bytes: `256Mi`, `1Gi`."""
    ephemeral_storage: NotRequired[str]
    """Bytes on the node's disk: logs and scratch space."""


class ResourcesArgs(TypedDict):
    """What a container is promised and what it may take at most. Merged field by field over the defaults."""

    requests: NotRequired[AmountsArgs]
    """Promised; the scheduler and the autoscaler go by it."""
    limits: NotRequired[AmountsArgs]
    """At most; a built-in limit below a request rises to it."""


class HttpGetArgs(TypedDict):
    """Answered with a status from 200 to 399."""

    path: NotRequired[str]
    """Path and query."""
    port: NotRequired[int]
    """The server's port by default; the management port for what the proxy runs."""
    scheme: NotRequired[str]
    """HTTPS certificates are not checked by the kubelet."""
    headers: NotRequired[dict[str, str]]
    """Headers of the request."""


class TcpSocketArgs(TypedDict):
    """A connection that opens."""

    port: NotRequired[int]
    """The server's port by default."""


class ProbeArgs(TypedDict):
    """One probe. Keys left out keep the default of its kind."""

    enabled: NotRequired[bool]
    """`false` removes the probe, which would otherwise be there."""
    http_get: NotRequired[HttpGetArgs]
    """Ask by HTTP."""
    tcp_socket: NotRequired[TcpSocketArgs]
    """Open a connection: the default for containers of whose health endpoint nothing is known."""
    exec: NotRequired[list[str]]
    """Run a program in the container; exit code 0 is healthy."""
    initial_delay_seconds: NotRequired[int]
    """Wait after the container's start."""
    period_seconds: NotRequired[int]
    """Time between two probes."""
    timeout_seconds: NotRequired[int]
    """Time for an answer."""
    success_threshold: NotRequired[int]
    """Successes in a row that count; more than 1 for readiness only."""
    failure_threshold: NotRequired[int]
    """Failures in a row that count."""


class ProbesArgs(TypedDict):
    """Probes of one container. Each exists unless it is switched off."""

    startup: NotRequired[ProbeArgs]
    """Until it succeeds, the other two wait: it owns a slow start."""
    readiness: NotRequired[ProbeArgs]
    """Whether calls are sent to the pod."""
    liveness: NotRequired[ProbeArgs]
    """Whether the container is restarted. It must not depend on other servers."""


class ServiceArgs(TypedDict):
    """The name and port under which pods call a server."""

    type: NotRequired[str]
    """Kind of Service."""
    port: NotRequired[int]
    """The server's port by default."""
    port_name: NotRequired[str]
    """Name of that port."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the Service alone."""
    session_affinity: NotRequired[str]
    """`ClientIP` sends one caller to one pod; through a gateway all calls have one caller."""


class SecurityArgs(TypedDict):
    """The few things about a pod's rights that may differ. Everything else is the restricted profile, for every pod."""

    run_as_user: NotRequired[int]
    """User and group id of the processes, never root's 0; below 10000 it may be a user of the node."""
    read_only_root_filesystem: NotRequired[bool]
    """`false` lets the container write anywhere in its image's copy."""


class TolerationArgs(TypedDict):
    """A taint that pods put up with."""

    key: NotRequired[str]
    """Taint's key; every key by default."""
    operator: NotRequired[str]
    """Whether `value` has to be equal."""
    value: NotRequired[str]
    """Taint's value, with `Equal`."""
    effect: NotRequired[str]
    """Taint's effect; every effect by default."""


class ServerDefaultsArgs(TypedDict):
    """What servers inherit, field by field, as far as it fits their kind."""

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
    validation: NotRequired[ValidationArgs]
    """What the gateway checks of calls, by the tools' own schemas."""
    process: NotRequired[ProcessConfigArgs]
    """How the process of a `command` is kept in each of its pods."""
    limits: NotRequired[ServerLimitsArgs]
    """Bounds of each server by itself, in the gateway and in the proxy that wraps a `command`."""


class ExposureArgs(TypedDict):
    """One host from outside to one Service. Keys left out come from the stack's `exposure`."""

    via: NotRequired[str]
    """HTTPRoute attached to `parent`, or Ingress of class `ingress_class`."""
    parent: NotRequired[ParentRefArgs]
    """Gateway that terminates TLS and takes the routes. Only with `gateway-api`."""
    ingress_class: NotRequired[str]
    """Class of the ingress controller, whose name also selects the settings for streaming. Only with `ingress`."""
    tls_secret: NotRequired[str]
    """Secret with certificate and key for the host, or a wildcard for all. Only with `ingress`."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the route or Ingress, beside those that streaming needs."""
    controller_namespaces: NotRequired[list[str]]
    """Namespaces of the pods that forward traffic. By default that of `parent`, or the one where `ingress_class` usually lives."""
    enabled: NotRequired[bool]
    """`false` closes it again."""
    host: NotRequired[str]
    """`mcp-{server}.{domain}` in production, else `mcp-{server}.{environment}.{domain}`; `mcp` alone for the gateway."""
    path: NotRequired[str]
    """Prefix of the paths that are forwarded, unchanged."""


class ClientArgs(TypedDict):
    """Who may call, on the port that serves MCP."""

    namespace: NotRequired[str]
    """Pods of this namespace; the stack's own where only `pods` is given."""
    pods: NotRequired[dict[str, str]]
    """Labels of the pods; all pods of the namespace by default."""
    cidr: NotRequired[str]
    """Range of addresses outside the cluster."""
    without: NotRequired[list[str]]
    """Ranges within `cidr` that are left out."""


class SecretRefArgs(TypedDict):
    """The value of a declared secret."""

    secret: str
    """Its name in `secrets` of the server or of the stack; `name/KEY` for one value of a set."""


class AuthenticationArgs(TypedDict):
    """How callers of the gateway show who they are."""

    api_keys: SecretRefArgs
    """Secret whose value is the file of keys, as hashes: `mcp-stack-proxy new-key` makes both. A rotated one needs no restart."""


class SessionsArgs(TypedDict):
    """What replicas of the proxies share, so that each serves every client."""

    keys: SecretRefArgs
    """Secret whose value is the file of session keys, one a line, the newest first: `mcp-stack-proxy new-session-key` makes one. A
    rotated one needs no restart; a removed one ends the sessions that it has sealed."""


class ManagementArgs(TypedDict):
    """The port of the proxies' health and metrics, apart from the one that serves calls."""

    port: NotRequired[int]
    """Port in the proxies' pods. It asks nobody who reads."""
    scrapers: NotRequired[list[ClientArgs]]
    """Pods and addresses that may read it, such as Prometheus; probes of the kubelet always can."""


class MetricsArgs(TypedDict):
    """Prometheus metrics of the proxies, at `/metrics` of the management port, and the pod annotations that say so."""

    tools_per_server: NotRequired[int]
    """Tools of one server that have series of their own, about 25 each; further ones, and unlisted ones, count as `other`."""
    enabled: NotRequired[bool]
    """`false` counts nothing."""


class AuditArgs(TypedDict):
    """One line of JSON for each call, on the gateway's standard output, and on that of wrappers that are called without it."""

    enabled: NotRequired[bool]
    """`false` records nothing."""
    arguments: NotRequired[str]
    """What of a call's arguments is recorded: nothing, their SHA-256 (which tells short or guessable ones), or all of them."""
    flush_seconds: NotRequired[float]
    """Time after which a record is written at the latest: a killed pod loses what is younger."""
    buffer_bytes: NotRequired[int]
    """Records that wait for a slow reader of the output; those beyond are lost and counted."""


class GatewayArgs(TypedDict):
    """One endpoint for all servers."""

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
    enabled: NotRequired[bool]
    """`false` runs the servers without it."""
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


class EnvFromArgs(TypedDict):
    """All keys of one object as variables: exactly one of `secret`, `existing_secret` and `existing_config_map`."""

    secret: NotRequired[str]
    """Name of a declared set of secrets."""
    existing_secret: NotRequired[str]
    """Secret in the stack's namespace that somebody else provides."""
    existing_config_map: NotRequired[str]
    """ConfigMap in the stack's namespace that somebody else provides."""
    prefix: NotRequired[str]
    """Put before every key."""


class FileArgs(TypedDict):
    """A file in the container: exactly one of `content` and `secret`."""

    content: NotRequired[str]
    """Its text, readable by all who see the stack."""
    secret: NotRequired[str]
    """Name of a declared secret, `name/KEY` for one value of a set. Its directory is mounted whole, so that a rotated value appears
    without a restart. `name/*`: the path is a directory with a file for each key of the set."""


class LocalArgs(TypedDict):
    """How a server that is an image in a cluster runs as a process on this machine."""

    command: list[str]
    """Program and arguments. `${PORT}` stands for the port to listen on, which the variable PORT holds, too."""
    port: NotRequired[int]
    """Port, where the program knows only one; a free one by default."""


class ServerArgs(TypedDict):
    """`image`: a container that speaks MCP over HTTP. `command`: a stdio server that the stack's proxy image runs and wraps. `url`:
    somebody else's server."""

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
    validation: NotRequired[ValidationArgs]
    """What the gateway checks of calls, by the tools' own schemas."""
    process: NotRequired[ProcessConfigArgs]
    """How the process of a `command` is kept in each of its pods."""
    limits: NotRequired[ServerLimitsArgs]
    """Bounds of each server by itself, in the gateway and in the proxy that wraps a `command`."""
    enabled: NotRequired[bool]
    """`false` leaves it out."""
    image: NotRequired[ImageArgs]
    """Container image that speaks MCP over HTTP on `port` and `path`."""
    command: NotRequired[list[str]]
    """Without `image`: the stdio server's program and arguments. Beside it: replaces the image's entry point."""
    args: NotRequired[list[str]]
    """Further arguments."""
    cli: NotRequired[CliConfigArgs]
    """For `command`: it is a command-line program that knows nothing of MCP, and its `--help` is made into tools. `true`, or a
    mapping with what differs. Its texts stand for themselves, without `${VARIABLE}`."""
    url: NotRequired[str]
    """MCP endpoint of a server that runs elsewhere."""
    headers: NotRequired[dict[str, str]]
    """Headers of every request to `url`, with `${VARIABLE}` for what `env` declares."""
    path: NotRequired[str]
    """Path of the image's MCP endpoint."""
    namespace: NotRequired[str]
    """Prefix of its names on the gateway's `/mcp`, the server's name by default. Empty: no prefix, for at most one server."""
    tools: NotRequired[ToolFilterArgs]
    """Which of its tools clients of the gateway see and may call. Who reaches the server itself is not bound by it."""
    in_gateway: NotRequired[bool]
    """`false` keeps it out of the gateway: for what only other servers use, such as a database."""
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
    trust_network: NotRequired[bool]
    """For `command`: states that only trusted clients come through its own `clients`, `exposure` and other servers' `egress`, where
    nothing checks who calls. Callers of the gateway need no such statement."""
    local: NotRequired[LocalArgs]
    """How `image` runs on this machine, without a container."""


class RemoteServerArgs(TypedDict):
    """A server of a gateway, wherever it runs."""

    env: NotRequired[dict[str, Any]]
    """Variables of every server that runs here."""
    validation: NotRequired[ValidationArgs]
    """What the gateway checks of calls, by the tools' own schemas."""
    limits: NotRequired[ServerLimitsArgs]
    """Bounds of each server by itself, in the gateway and in the proxy that wraps a `command`."""
    url: NotRequired[str]
    """MCP endpoint of a server that runs elsewhere."""
    headers: NotRequired[dict[str, str]]
    """Headers of every request to `url`, with `${VARIABLE}` for what `env` declares."""
    namespace: NotRequired[str]
    """Prefix of its names on the gateway's `/mcp`, the server's name by default. Empty: no prefix, for at most one server."""
    tools: NotRequired[ToolFilterArgs]
    """Which of its tools clients of the gateway see and may call. Who reaches the server itself is not bound by it."""
    secrets: NotRequired[dict[str, SecretArgs]]
    """Secrets of this server alone."""
    egress: NotRequired[list[DestinationArgs]]
    """What it may call beside DNS. For `url`, where the gateway may go instead of the public address that `url` implies."""
