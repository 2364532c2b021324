"""A whole stack: namespace, shared secrets, every server, and the gateway."""

import pulumi

from .args import McpStackArgs
from .children import create
from .gateway import McpGateway
from .inputs import Part, stack_of
from .manifests import namespace_objects, overview, shared_exposure
from .notices import warn
from .secrets import SecretSync
from .server import McpServer
from .spec import GATEWAY, SHARED, public_urls
from .stand_ins import settled


class McpStack(pulumi.ComponentResource):
    """MCP servers and the gateway in front of them, as one environment's stack file describes them."""

    namespace: pulumi.Output[str]
    """Namespace of all objects."""
    gateway_url: pulumi.Output[str | None]
    """The gateway's endpoint inside the cluster."""
    gateway_host: pulumi.Output[str | None]
    """The gateway's host from outside, or nothing where it is not exposed."""
    public_urls: pulumi.Output[dict[str, list[str]]]
    """MCP endpoints from outside, of the gateway and of each server that has any."""
    server_urls: pulumi.Output[dict[str, str]]
    """Endpoint of each server that runs here, inside the cluster."""

    def __init__(self, name: str, args: McpStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:McpStack", name, None, opts)
        spec, values, later = stack_of(args)
        warn(self, spec)
        made = create(self, name, {**namespace_objects(spec), **shared_exposure(spec), **overview(spec)}, later)
        shared = list(made.values())
        if spec.shared_secrets or spec.secret_stores:
            options = pulumi.ResourceOptions(parent=self, depends_on=[made[one] for one in made if one == "namespace"])
            shared.append(SecretSync(f"{name}-secrets", {}, options, part=Part(spec, SHARED, values, later=later)))
        options = pulumi.ResourceOptions(parent=self, depends_on=shared)
        servers = {
            server: McpServer(f"{name}-{spec.known_as(server)}", {}, options, part=Part(spec, server, values, later=later))
            for server, one in spec.servers.items()
            if one.kind != "url"
        }
        gateway = None
        if spec.gateway.enabled:
            gateway = McpGateway(f"{name}-{GATEWAY}", {"servers": {}}, options, part=Part(spec, GATEWAY, values, later=later))
        self.namespace = pulumi.Output.from_input(settled(spec.namespace, later))
        self.gateway_url = pulumi.Output.from_input(gateway.url if gateway else None)
        self.gateway_host = pulumi.Output.from_input(gateway.host if gateway else None)
        parts = [GATEWAY, *servers] if gateway else [*servers]
        urls = {part: public_urls(spec, part) for part in parts}
        self.public_urls = pulumi.Output.from_input({part: found for part, found in urls.items() if found})
        self.server_urls = pulumi.Output.all(**{server: one.url for server, one in servers.items()})
        self.register_outputs(
            {
                "namespace": self.namespace,
                "gatewayUrl": self.gateway_url,
                "gatewayHost": self.gateway_host,
                "publicUrls": self.public_urls,
                "serverUrls": self.server_urls,
            }
        )
