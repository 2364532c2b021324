"""The proxy before one MCP server: on its own, or in the pods of a workload that a program has already."""

from collections.abc import Mapping
from typing import Any

import pulumi

from .args import McpProxyArgs
from .children import create
from .inputs import proxy_of
from .manifests import gateway_objects, overview, shared_exposure, shared_secrets
from .manifests.sidecar import InjectionError, Sidecar, injected, sidecar_objects, sidecar_of
from .notices import warn
from .spec import GATEWAY, public_urls
from .stand_ins import settled


class McpProxy(pulumi.ComponentResource):
    """Limits, validation, authentication, metrics and audit before one MCP server. With `url` it has pods of its own; with
    `sidecar` it runs in the pods of a workload of the program, as a native sidecar."""

    url: pulumi.Output[str]
    """Endpoint inside the cluster."""
    host: pulumi.Output[str | None]
    """Host from outside, or nothing where it is not exposed."""
    public_urls: pulumi.Output[list[str]]
    """MCP endpoints from outside, one for each way and host."""
    object_name: pulumi.Output[str]
    """Name of its Service and other objects."""
    container: pulumi.Output[dict[str, Any] | None]
    """With `sidecar`: what to add to `initContainers` of the workload's pods, as the API has it."""
    volumes: pulumi.Output[list[dict[str, Any]]]
    """With `sidecar`: what to add to their `volumes`."""
    annotations: pulumi.Output[dict[str, str]]
    """With `sidecar`: what to add to their annotations."""

    def __init__(self, name: str, args: McpProxyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:McpProxy", name, None, opts)
        part, workload = proxy_of(name, args)
        spec, gateway = part.spec, part.spec.gateway
        warn(self, spec, part.places)
        objects = {**shared_secrets(spec, part.value_of), **shared_exposure(spec)}
        self._sidecar: Sidecar | None = None
        self._later = part.later
        self._selector = workload.selector if workload is not None else {}
        if workload is None:
            create(self, name, {**objects, **overview(spec, GATEWAY), **gateway_objects(spec, part.checksum())}, part.later)
        else:
            self._sidecar = sidecar_of(spec, part.checksum())
            create(self, name, {**objects, **sidecar_objects(spec, workload)}, part.later)
        service = spec.object_name(GATEWAY)
        parts = self._sidecar or Sidecar({}, [], {})
        self.url = part.told(f"http://{service}.{spec.namespace}.svc:{gateway.service.port or gateway.port}/mcp")
        self.host = pulumi.Output.from_input(spec.host_of(GATEWAY))
        self.public_urls = pulumi.Output.from_input(public_urls(spec, GATEWAY))
        self.object_name = pulumi.Output.from_input(service)
        self.container = part.told(dict(parts.container) or None)
        self.volumes = part.told(parts.volumes)
        self.annotations = part.told(dict(parts.annotations))
        self.register_outputs(
            {
                "url": self.url,
                "host": self.host,
                "publicUrls": self.public_urls,
                "objectName": self.object_name,
                "container": self.container,
                "volumes": self.volumes,
                "annotations": self.annotations,
            }
        )

    def inject(self, template: Mapping[str, Any]) -> dict[str, Any]:
        """The pod template `template` (keys as the API has them) with the sidecar in it; nothing else changes.

        Let the workload depend on this component, so that its pods find their configuration.
        """
        if self._sidecar is None:
            raise pulumi.RunError("this proxy has pods of its own; give it `sidecar` in the place of `url` to inject it")
        try:
            return settled(injected(template, self._sidecar, self._selector), self._later)
        except InjectionError as error:
            raise pulumi.RunError(str(error)) from None
