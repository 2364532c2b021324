"""What is worth knowing about a stack, where `pulumi preview` and `mcp-stack check` show it."""

import pulumi

from .spec import StackSpec
from .spec.notices import MARK, notices_of


def warn(resource: pulumi.Resource, spec: StackSpec) -> None:
    """Log every notice of `spec` as a warning of `resource`."""
    for notice in notices_of(spec):
        pulumi.log.warn(f"{MARK}{spec.source}: {notice}", resource)
