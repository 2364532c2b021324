"""The proxy in front of MCP servers, as one endpoint."""

import pulumi

from .args import McpGatewayArgs
from .children import create
from .inputs import Part, gateway_of
from .manifests import Objects, gateway_objects, overview, shared_exposure, shared_secrets, url_server_secrets
from .notices import warn
from .spec import public_urls


class McpGateway(pulumi.ComponentResource):
    """One endpoint for many MCP servers: all their tools on `/mcp`, each server alone on `/servers/{name}/mcp`."""

    url: pulumi.Output[str]
    """Endpoint inside the cluster."""
    host: pulumi.Output[str | None]
    """Host from outside, or nothing where it is not exposed."""
    public_urls: pulumi.Output[list[str]]
    """MCP endpoints from outside, one for each way and host."""
    object_name: pulumi.Output[str]
    """Name of its Deployment, Service and other objects."""

    def __init__(
        self, name: str, args: McpGatewayArgs, opts: pulumi.ResourceOptions | None = None, *, part: Part | None = None
    ) -> None:
        """`part`: the gateway as McpStack has worked it out already; then `args` are not read."""
        super().__init__("mcp-stack:index:McpGateway", name, None, opts)
        objects: Objects = {}
        if part is None:
            part = gateway_of(name, args)
            objects = {
                **shared_secrets(part.spec, part.value_of),
                **shared_exposure(part.spec),
                **overview(part.spec, part.name),
            }
            warn(self, part.spec, part.places)
        spec = part.spec
        for server, one in spec.servers.items():
            if one.kind == "url":
                objects |= url_server_secrets(spec, server, part.value_of)
        create(self, name, {**objects, **gateway_objects(spec, part.checksum())}, part.later)
        service, gateway = spec.object_name(part.name), spec.gateway
        self.url = part.told(f"http://{service}.{spec.namespace}.svc:{gateway.service.port or gateway.port}/mcp")
        self.host = pulumi.Output.from_input(spec.host_of(part.name))
        self.public_urls = pulumi.Output.from_input(public_urls(spec, part.name))
        self.object_name = pulumi.Output.from_input(service)
        self.register_outputs({"url": self.url, "host": self.host, "publicUrls": self.public_urls, "objectName": self.object_name})
