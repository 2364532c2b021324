"""A way from outside to a Service, without anything else of a stack."""

from dataclasses import replace

import pulumi

from .args import ServiceExposureArgs
from .children import create
from .inputs import exposure_of
from .manifests import shared_exposure
from .manifests.controllers import settings_of
from .manifests.exposure import exposed_objects, target_of
from .notices import warn


class Exposure(pulumi.ComponentResource):
    """HTTPRoute or Ingress on which streams stay open, for a Service of any program."""

    hosts: pulumi.Output[list[str]]
    """Hosts from outside."""
    object_name: pulumi.Output[str]
    """Name of the route or Ingress."""
    service_annotations: pulumi.Output[dict[str, str]]
    """Annotations that the Service needs for this controller; whoever has the Service puts them there."""

    def __init__(self, name: str, args: ServiceExposureArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mcp-stack:index:Exposure", name, None, opts)
        part = exposure_of(name, args)
        spec = part.spec
        target = replace(target_of(spec, spec.ways_to(part.name)[0]), service=args["service"])
        warn(self, spec, part.places)
        create(self, name, {**shared_exposure(spec), **exposed_objects(spec, part.name, target)}, part.later)
        self.hosts = pulumi.Output.from_input(target.exposure.hosts)
        self.object_name = pulumi.Output.from_input(target.name)
        self.service_annotations = pulumi.Output.from_input(dict(settings_of(target).service))
        self.register_outputs({"hosts": self.hosts, "objectName": self.object_name, "serviceAnnotations": self.service_annotations})
