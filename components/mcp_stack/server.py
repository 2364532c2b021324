"""One MCP server with everything that it needs to run safely."""

import pulumi

from .args import McpServerArgs
from .children import create
from .inputs import Part, server_of
from .manifests import Objects, overview, server_objects, shared_exposure, store_objects
from .notices import warn
from .spec import cluster_address, public_urls
from .spec.names import wrapped_path


class McpServer(pulumi.ComponentResource):
    """One MCP server: a container that speaks HTTP, or a stdio program that the proxy image runs and wraps."""

    url: pulumi.Output[str]
    """MCP endpoint inside the cluster."""
    host: pulumi.Output[str | None]
    """Host from outside, or nothing where it is not exposed."""
    public_urls: pulumi.Output[list[str]]
    """MCP endpoints from outside, one for each way and host."""
    object_name: pulumi.Output[str]
    """Name of its Deployment, Service and other objects."""

    def __init__(
        self, name: str, args: McpServerArgs, opts: pulumi.ResourceOptions | None = None, *, part: Part | None = None
    ) -> None:
        """`part`: the server as McpStack has worked it out already; then `args` are not read."""
        super().__init__("mcp-stack:index:McpServer", name, None, opts)
        beside: Objects = {}
        if part is None:
            part = server_of(name, args)
            stores = store_objects(part.spec, part.value_of)
            beside = {**stores, **shared_exposure(part.spec), **overview(part.spec, part.name)}
            warn(self, part.spec, part.places)
        server = part.spec.servers[part.name]
        create(self, name, {**beside, **server_objects(part.spec, part.name, part.value_of, part.checksum())}, part.later)
        path = wrapped_path(part.name) if server.runs_proxy else server.path
        self.url = part.told(cluster_address(part.spec)(part.name) + path)
        self.host = pulumi.Output.from_input(part.spec.host_of(part.name))
        self.public_urls = pulumi.Output.from_input(public_urls(part.spec, part.name))
        self.object_name = pulumi.Output.from_input(part.spec.object_name(part.name))
        self.register_outputs({"url": self.url, "host": self.host, "publicUrls": self.public_urls, "objectName": self.object_name})
