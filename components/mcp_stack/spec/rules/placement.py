"""Where pods run."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..names import GATEWAY
from ..stack import StackFile, StackSpec


def placement_problems(spec: StackSpec, file: StackFile) -> Iterator[Problem]:
    """Spreading of a single pod, and keys beside spreading that is off."""
    for place, part, _ in spec.workloads():
        own = (file.gateway if part == GATEWAY else file.servers[part]).spreading
        given = sorted(own.model_fields_set - {"enabled"})
        if given and not spec.scales(part):
            yield Problem(join(place, "spreading"), "does nothing at one replica; remove it, or raise `replicas`")
        elif given and not own.enabled:
            for key in given:
                yield Problem(join(place, "spreading", key), "does nothing, `enabled` is false; remove one of them")
        for index, key in enumerate(own.over):
            if key in own.over[:index]:
                yield Problem(join(place, "spreading", "over", index), f"{key!r} stands there already; remove it")
