"""What of a stack is asked, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..local.calls import Call, Calls
from ..local.check import prefixes_of
from ..spec import GATEWAY, StackSpec

HEALTH, METRICS, STREAM = "health", "metrics", "stream"


@dataclass(frozen=True, slots=True)
class Part:
    """One proxy of the stack, and where its pages are."""

    name: str
    origin: str
    """`http://127.0.0.1:9100`: of the port that has `/readyz`, `/health` and, where it counts, `/metrics`."""
    metrics: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """A gateway, the proxies whose pages can be reached, and what is known of its servers."""

    origin: str
    """Of the gateway, without `/mcp`."""
    parts: tuple[Part, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of each server's names on `/mcp`."""
    calls: Calls = field(default_factory=dict[str, list[Call]])
    key: str | None = field(default=None, repr=False)


def local_target(spec: StackSpec, calls: Calls, key: str | None) -> Target:
    """The stack as `mcp-stack up` runs it. Its wrappers take any ports, so they are asked through the gateway alone."""
    origin = f"http://127.0.0.1:{spec.gateway.port}"
    own = Part(GATEWAY, origin, metrics=spec.gateway.metrics.enabled)
    return Target(origin, (own,), prefixes_of(spec), calls, key)
