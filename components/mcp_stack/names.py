"""Names, ports and labels of a stack's objects, known before any of them exists: for other stacks, programs and languages.

Pure functions of the stack's name and the server's, the same that the components use. A port or path that the stack file changes
is given here, too.
"""

from mcp_stack_proxy.config import NAME_RULE, is_server_name

from .spec import GATEWAY
from .spec import object_name as _object_name
from .spec.gateway import GatewaySpec
from .spec.names import default_namespace, is_stack_name, part_labels, wrapped_path
from .spec.names import selector as _selector
from .spec.observing import ManagementSpec
from .spec.server import ServerSpec

NAME_LABEL = "app.kubernetes.io/name"
"""Label of pods that names their server, or `gateway`."""

INSTANCE_LABEL = "app.kubernetes.io/instance"
"""Label of everything that belongs to a stack, with the stack's name."""

SERVER_PORT: int = ServerSpec.model_fields["port"].default
"""Port of a server that names none."""

SERVER_PATH: str = ServerSpec.model_fields["path"].default
"""Path of the MCP endpoint of an `image` that names none."""

GATEWAY_PORT: int = GatewaySpec.model_fields["port"].default
"""Port of a gateway that names none."""

MANAGEMENT_PORT: int = ManagementSpec.model_fields["port"].default
"""Port of health and metrics, of gateways and wrapped stdio servers."""


def namespace_of(stack: str) -> str:
    """Namespace of a stack that names none: `mcp-staging`."""
    return default_namespace(_known(stack))


def object_name(stack: str, part: str = GATEWAY) -> str:
    """Name of the Deployment, Service, ServiceAccount and policies of server `part`, or of the gateway: `staging-github`."""
    return _object_name(_known(stack), _part(part))


def selector(stack: str, part: str = GATEWAY) -> dict[str, str]:
    """Labels that the pods of `part` have and no others: for `clients`, `egress`, budgets and monitors of somebody else."""
    return _selector(_known(stack), _part(part))


def labels(stack: str, part: str = GATEWAY) -> dict[str, str]:
    """Labels of the objects and pods of `part`, without those that a stack file adds."""
    return part_labels(_known(stack), _part(part))


def service_host(stack: str, part: str = GATEWAY, namespace: str | None = None) -> str:
    """Host under which pods of any namespace call `part`: `staging-github.mcp-staging.svc`."""
    return f"{object_name(stack, part)}.{namespace or namespace_of(stack)}.svc"


def server_url(
    stack: str,
    server: str,
    namespace: str | None = None,
    *,
    port: int = SERVER_PORT,
    path: str = SERVER_PATH,
    wrapped: bool = False,
) -> str:
    """MCP endpoint of `server` inside the cluster. `wrapped`: it is a `command`, whose path the proxy round it gives."""
    return f"http://{service_host(stack, server, namespace)}:{port}{wrapped_path(server) if wrapped else path}"


def gateway_url(stack: str, namespace: str | None = None, *, port: int = GATEWAY_PORT) -> str:
    """MCP endpoint of the gateway of `stack` inside the cluster."""
    return f"http://{service_host(stack, namespace=namespace)}:{port}/mcp"


def _known(stack: str) -> str:
    if not is_stack_name(stack):
        raise ValueError(f"{stack!r} is no stack name: lower-case letters, digits and single dashes, starting with a letter")
    return stack


def _part(part: str) -> str:
    if part != GATEWAY and not is_server_name(part):
        raise ValueError(f"{part!r} is no server name: {NAME_RULE}")
    return part
