"""Arguments of a component: McpGateway. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .affinity import AffinityArgs
from .audit import GatewayAuditArgs
from .autoscaling import AutoscalingArgs
from .containers import InitContainerArgs
from .exposure import ExposureArgs
from .gateway import AuthenticationArgs, AuthorityArgs, SessionsArgs
from .image import ImageArgs
from .monitoring import MonitoringArgs
from .network import ClientArgs, NetworkArgs, ServiceArgs
from .observing import ManagementArgs, MetricsArgs
from .placement import SpreadingArgs, TolerationArgs
from .probes import ProbesArgs
from .proxy import LimitsArgs, LogArgs, VirtualServerArgs
from .resolving import PodDnsArgs
from .rollout import RolloutArgs
from .scaling import DisruptionArgs, ResourcesArgs
from .secret import SecretArgs
from .server import RemoteServerArgs
from .storage import VolumeArgs
from .store import SecretStoreArgs
from .workload import SecurityArgs


class McpGatewayArgs(TypedDict):
    """One endpoint for MCP servers that run anywhere."""

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
    """Startup, readiness and liveness; working ones exist without a key."""
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
    authentication: NotRequired[AuthenticationArgs]
    """Admits only callers with a key. Needed in a cluster, unless `trust_network` is stated; the same in a local run."""
    sessions: NotRequired[SessionsArgs]
    """Sessions that any replica goes on with, and that outlive a restart. Needed where a proxy has more than one replica."""
    trust_network: NotRequired[bool]
    """States that only trusted clients reach the proxies, where nothing checks who calls. Not beside `authentication`."""
    certificate_authority: NotRequired[AuthorityArgs]
    """Whose certificates servers at a `url` may show, too: a company's own authority, beside the public ones of the image's
    /etc/ssl/certs. Read when a pod starts. A server's own process reads what its `env` and `volumes` give it."""
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
    audit: NotRequired[GatewayAuditArgs]
    """What is recorded of each call."""
    log: NotRequired[LogArgs]
    """What the proxies say of themselves on standard error: gateway, wrapped stdio servers, and proxies in front of servers."""
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
    namespace: NotRequired[pulumi.Input[str]]
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
