"""What arguments consist of: server. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict

import pulumi

from .affinity import AffinityArgs
from .autoscaling import AutoscalingArgs
from .backup import BackupArgs
from .containers import InitContainerArgs
from .exposure import ExposureArgs
from .front import FrontArgs
from .image import ImageArgs
from .network import ClientArgs, DestinationArgs, ServiceArgs
from .placement import SpreadingArgs, TolerationArgs
from .probes import ProbesArgs
from .proxy import CliConfigArgs, ProcessConfigArgs, ServerLimitsArgs, ToolFilterArgs, ValidationArgs
from .resolving import PodDnsArgs
from .rollout import RolloutArgs
from .scaling import DisruptionArgs, ResourcesArgs
from .secret import SecretArgs
from .secrets import EnvFromArgs, FileArgs
from .storage import StorageArgs, VolumeArgs
from .workload import SecurityArgs


class ServerDefaultsArgs(TypedDict):
    """What servers inherit, field by field, as far as it fits their kind."""

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
    service_account: NotRequired[str]
    """Existing ServiceAccount of its pods, such as one that a cloud knows; by default one of their own, without rights."""
    service_account_annotations: NotRequired[dict[str, str]]
    """Annotations of its own ServiceAccount alone, by which a cloud knows its pods: `{eks.amazonaws.com/role-arn: …}`,
    `{iam.gke.io/gcp-service-account: …}`, `{azure.workload.identity/client-id: …}`. Not beside `service_account`."""
    host_aliases: NotRequired[dict[str, str]]
    """Names that no resolver knows, with the address of each (`/etc/hosts`): `{sap.corp.example: 10.20.0.5}`."""
    dns: NotRequired[PodDnsArgs]
    """How its pods look names up."""
    rollout: NotRequired[RolloutArgs]
    """How its pods give way to their successors."""
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
    """Variables of its processes; in `defaults`, those of every server that runs here."""
    storage_class: NotRequired[str]
    """StorageClass of `storage.claims` that name none."""
    backup: NotRequired[BackupArgs]
    """Backups of `storage.claims`, where present."""
    validation: NotRequired[ValidationArgs]
    """What the gateway checks of calls, by the tools' own schemas."""
    process: NotRequired[ProcessConfigArgs]
    """How the process of a `command` is kept in each of its pods. It starts with the pod, unless `start` says otherwise."""
    limits: NotRequired[ServerLimitsArgs]
    """Bounds of each server by itself, in the gateway and in the proxy that wraps a `command`."""


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
    exposures: NotRequired[dict[str, ExposureArgs]]
    """Further ways from outside, by a name of your own: other hosts, Gateways, controllers or certificates."""
    clients: NotRequired[list[ClientArgs]]
    """Pods and addresses that may call it, beside the gateway and what `exposure` and `exposures` let in."""
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
    service_account: NotRequired[str]
    """Existing ServiceAccount of its pods, such as one that a cloud knows; by default one of their own, without rights."""
    service_account_annotations: NotRequired[dict[str, str]]
    """Annotations of its own ServiceAccount alone, by which a cloud knows its pods: `{eks.amazonaws.com/role-arn: …}`,
    `{iam.gke.io/gcp-service-account: …}`, `{azure.workload.identity/client-id: …}`. Not beside `service_account`."""
    host_aliases: NotRequired[dict[str, str]]
    """Names that no resolver knows, with the address of each (`/etc/hosts`): `{sap.corp.example: 10.20.0.5}`."""
    dns: NotRequired[PodDnsArgs]
    """How its pods look names up."""
    rollout: NotRequired[RolloutArgs]
    """How its pods give way to their successors."""
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
    """Variables of its processes; in `defaults`, those of every server that runs here."""
    storage_class: NotRequired[str]
    """StorageClass of `storage.claims` that name none."""
    backup: NotRequired[BackupArgs]
    """Backups of `storage.claims`, where present."""
    validation: NotRequired[ValidationArgs]
    """What the gateway checks of calls, by the tools' own schemas."""
    process: NotRequired[ProcessConfigArgs]
    """How the process of a `command` is kept in each of its pods. It starts with the pod, unless `start` says otherwise."""
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
    url: NotRequired[pulumi.Input[str]]
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
    storage: NotRequired[StorageArgs]
    """Volumes of its own, which outlive its pods."""
    egress: NotRequired[list[DestinationArgs]]
    """What it may call beside DNS. For `url`, where the gateway may go instead of the public address that `url` implies."""
    grace_seconds: NotRequired[int]
    """Time that a container gets to finish after SIGTERM."""
    trust_network: NotRequired[bool]
    """For `command`: states that only trusted clients come through its own `clients`, `exposure` and other servers' `egress`, where
    nothing checks who calls. Callers of the gateway need no such statement."""
    proxy: NotRequired[FrontArgs]
    """For `image`, where present: the validating proxy in the same pods, in front of it."""
    formerly: NotRequired[str]
    """Name that it had when its objects were made. They keep it, so that nothing is replaced and volumes stay its own; what clients
    see has the new one."""
    local: NotRequired[LocalArgs]
    """How `image` runs on this machine, without a container."""


class RemoteServerArgs(TypedDict):
    """A server of a gateway, wherever it runs."""

    env: NotRequired[dict[str, Any]]
    """Variables of its processes; in `defaults`, those of every server that runs here."""
    validation: NotRequired[ValidationArgs]
    """What the gateway checks of calls, by the tools' own schemas."""
    limits: NotRequired[ServerLimitsArgs]
    """Bounds of each server by itself, in the gateway and in the proxy that wraps a `command`."""
    url: NotRequired[pulumi.Input[str]]
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
