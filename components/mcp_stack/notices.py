"""What is worth knowing about a stack, where `pulumi preview` and `mcp-stack check` show it."""

from collections.abc import Mapping
from types import MappingProxyType

import pulumi

from .inputs import moved
from .spec import StackSpec
from .spec.notices import MARK, notices_of


def warn(resource: pulumi.Resource, spec: StackSpec, places: Mapping[str, str] = MappingProxyType({})) -> None:
    """Log every notice of `spec` as a warning of `resource`, whose arguments call the keys by `places`."""
    for notice in notices_of(spec):
        pulumi.log.warn(f"{MARK}{spec.source}: {moved(notice, places)}", resource)
