"""Arguments of a component: McpServer. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import Any, NotRequired, TypedDict

import pulumi

from .affinity import AffinityArgs
from .autoscaling import AutoscalingArgs
from .backup import BackupArgs
from .containers import InitContainerArgs
from .exposure import ExposureArgs
from .front import FrontArgs
from .image import ImageArgs
from .monitoring import MonitoringArgs
from .network import ClientArgs, DestinationArgs, NetworkArgs, ServiceArgs
from .observing import AuditArgs, ManagementArgs, MetricsArgs
from .placement import SpreadingArgs, TolerationArgs
from .probes import ProbesArgs
from .proxy import CliConfigArgs, LimitsArgs, LogArgs, ProcessConfigArgs
from .resolving import PodDnsArgs
from .rollout import RolloutArgs
from .scaling import DisruptionArgs, ResourcesArgs
from .secret import SecretArgs
from .secrets import EnvFromArgs, FileArgs
from .storage import StorageArgs, VolumeArgs
from .store import SecretStoreArgs
from .workload import SecurityArgs


class McpServerArgs(TypedDict):
    """One MCP server that runs in the cluster: `image` (speaks HTTP) or `command` (speaks stdio; the proxy image wraps it)."""

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
    process: NotRequired[ProcessConfigArgs]
    """How the process of a `command` is kept in each of its pods. It starts with the pod, unless `start` says otherwise."""
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
    proxy: NotRequired[FrontArgs]
    """For `image`, where present: the validating proxy in the same pods, in front of it."""
    server: NotRequired[str]
    """Name of the server; the component's name by default."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[pulumi.Input[str]]
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
    log: NotRequired[LogArgs]
    """What the proxy round a `command` says of itself on standard error."""
    monitoring: NotRequired[MonitoringArgs]
    """Scraping, alerts and a dashboard for the proxy round a `command`."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""
