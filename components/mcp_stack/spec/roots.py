"""Which arguments each component takes: keys of the stack file's models, and what only a program has to say."""

from dataclasses import dataclass

from pydantic import BaseModel

from .alone import ProxyMonitoringSpec, VolumeBackupSpec, WorkloadAutoscalingSpec, WorkloadDisruptionSpec, WorkloadNetworkSpec
from .build import ImageBuildSpec
from .exposure import ExposureSpec, StackExposure
from .gateway import GatewaySpec
from .server import KEYS_OF_KIND, ServerSpec
from .stack import StackFile
from .upstream import UpstreamSpec

_VALUES = (
    "secret_values",
    "pulumi.Input[dict[str, pulumi.Input[str]]]",
    "Values of the secrets that name a `config` key, by that key.",
)
_STACK = ("stack", "str", "Prefix of the objects' names; the Pulumi stack's name by default.")
_SOURCE = ("source", "str", "Where these arguments come from, for error messages.")
_NAMESPACE = ("namespace", "pulumi.Input[str]", "Existing Kubernetes namespace. `mcp-{stack}` by default.")

_STORES = ("secret_stores", "dict[str, SecretStoreArgs]", "Where secrets come from that name a `store`.")


@dataclass(frozen=True, slots=True)
class Root:
    """A component's arguments: fields of `models` (later ones win) without `without`, and some of its own."""

    name: str
    doc: str
    models: tuple[type[BaseModel], ...]
    without: frozenset[str]
    own: tuple[tuple[str, str, str], ...]


def _doc(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


ROOTS = (
    Root("McpStackArgs", "MCP servers, and the gateway in front of them.", (StackFile,), frozenset(), (_STACK, _SOURCE, _VALUES)),
    Root(
        "McpServerArgs",
        "One MCP server that runs in the cluster: `image` (speaks HTTP) or `command` (speaks stdio; the proxy image wraps it).",
        (ServerSpec,),
        frozenset({"enabled", "formerly", "namespace", "in_gateway", "tools", "validation", "limits", "local", "url", "headers"}),
        (
            ("server", "str", "Name of the server; the component's name by default."),
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of an exposed host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of an exposed host."),
            _STORES,
            ("network", "NetworkArgs", "Where the cluster's own services are that its pods call."),
            ("proxy_image", "ImageArgs", "The bundled proxy image, which runs a `command`."),
            (
                "trust_network",
                "bool",
                "States that only trusted clients reach a wrapped `command`, where nothing checks who calls.",
            ),
            ("limits", "LimitsArgs", "Bounds on size and time of a wrapped `command`."),
            ("management", "ManagementArgs", "Port of health and metrics of a wrapped `command`."),
            ("metrics", "MetricsArgs", "What the proxy round a `command` counts."),
            ("audit", "AuditArgs", "What the proxy round a `command` records of each call."),
            ("log", "LogArgs", "What the proxy round a `command` says of itself on standard error."),
            ("monitoring", "MonitoringArgs", "Scraping, alerts and a dashboard for the proxy round a `command`."),
            _SOURCE,
            _VALUES,
        ),
    ),
    Root(
        "ServiceExposureArgs",
        "A way from outside to a Service that is there already.",
        (StackExposure, ExposureSpec),
        frozenset({"enabled", "controller_namespaces"}),
        (
            ("service", "str", "The Service, in the namespace of the objects that are made."),
            ("port", "int", "Port of the Service."),
            ("server", "str", "What `{server}` in `host_pattern` stands for; the component's name by default."),
            ("health_path", "str", "Page that says whether a pod is well, for load balancers that ask by themselves."),
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of a host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of the host."),
            _SOURCE,
        ),
    ),
    Root(
        "McpGatewayArgs",
        "One endpoint for MCP servers that run anywhere.",
        (GatewaySpec,),
        frozenset({"enabled"}),
        (
            ("servers", "dict[str, RemoteServerArgs]", "Servers by name, each with its `url`."),
            ("secrets", "dict[str, SecretArgs]", "Secrets that the gateway or several servers read."),
            _STORES,
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of an exposed host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of an exposed host."),
            ("network", "NetworkArgs", "Where the cluster's own services are that its pods call."),
            ("proxy_image", "ImageArgs", "The bundled proxy image, which the gateway runs."),
            ("monitoring", "MonitoringArgs", "Scraping, alerts and a dashboard for the gateway."),
            _SOURCE,
            _VALUES,
        ),
    ),
    Root(
        "McpProxyArgs",
        "The proxy before one MCP server: `url` (pods of its own) or `sidecar` (the pods of a workload).",
        (GatewaySpec, UpstreamSpec),
        frozenset({"enabled"}),
        (
            ("server", "str", "Name of the server; the component's name by default."),
            ("secrets", "dict[str, SecretArgs]", "Secrets that it reads."),
            _STACK,
            _NAMESPACE,
            ("environment", "str", "Environment, part of an exposed host except in `production`. The stack's name by default."),
            ("domain", "str", "Domain of an exposed host."),
            ("network", "NetworkArgs", "Where the cluster's own services are that its pods call."),
            ("proxy_image", "ImageArgs", "The bundled proxy image."),
            ("monitoring", "MonitoringArgs", "Scraping, alerts and a dashboard. Not beside `sidecar`."),
            _SOURCE,
            _VALUES,
        ),
    ),
    Root(
        "SecretSyncArgs",
        "Secrets from stores, from encrypted configuration, and of somebody else.",
        (StackFile,),
        frozenset(StackFile.model_fields) - {"secrets", "secret_stores", "environment", "labels", "annotations"},
        (_STACK, _NAMESPACE, _SOURCE, _VALUES),
    ),
    Root("WorkloadAutoscalingArgs", _doc(WorkloadAutoscalingSpec), (WorkloadAutoscalingSpec,), frozenset({"enabled"}), ()),
    Root("WorkloadDisruptionArgs", _doc(WorkloadDisruptionSpec), (WorkloadDisruptionSpec,), frozenset(), ()),
    Root("WorkloadNetworkArgs", _doc(WorkloadNetworkSpec), (WorkloadNetworkSpec,), frozenset(), ()),
    Root("ProxyMonitoringArgs", _doc(ProxyMonitoringSpec), (ProxyMonitoringSpec,), frozenset(), ()),
    Root("VolumeBackupArgs", _doc(VolumeBackupSpec), (VolumeBackupSpec,), frozenset({"enabled"}), ()),
    Root("ImageBuildArgs", "An image to build and push, or one that has been pushed.", (ImageBuildSpec,), frozenset(), (_SOURCE,)),
)

REMOTE = Root(
    "RemoteServerArgs",
    "A server of a gateway, wherever it runs.",
    (ServerSpec,),
    frozenset(ServerSpec.model_fields) - (KEYS_OF_KIND["url"] - {"enabled"}),
    (),
)
