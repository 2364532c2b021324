"""What is to be exposed, and what a controller has to be told for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...spec.exposure import ExposureSpec

HOUR = 3600
"""Seconds that a stream may be silent where nothing is said (seed 003)."""

DRAIN_SECONDS = 60
"""Time that a load balancer leaves requests to a pod that goes."""

METHODS = ("GET", "POST", "DELETE", "OPTIONS")
"""What clients of MCP over HTTP send (basic/transports), and browsers before them."""

REQUEST_HEADERS = (
    *("Authorization", "Content-Type", "Accept", "Last-Event-ID"),
    *("Mcp-Session-Id", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"),
)
"""Headers that pages have to be allowed to send."""

RESPONSE_HEADERS = ("Mcp-Session-Id", "MCP-Protocol-Version", "WWW-Authenticate")
"""Headers that pages have to be allowed to read; without the first of them no legacy session gets past its first answer."""

PREFLIGHT_SECONDS = 600
"""How long a browser remembers that it may call, as the proxy says it."""


@dataclass(frozen=True, slots=True)
class Target:
    """One Service that is reached from outside."""

    name: str
    """Name of the route or Ingress."""
    namespace: str
    service: str
    port: int
    exposure: ExposureSpec
    controller: str | None = None
    origins: tuple[str, ...] = ()
    """Pages for which the controller has to answer browsers; none where the proxy does."""
    body_bytes: int | None = None
    """Largest request."""
    health: str | None = None
    """Page that says whether a pod is well, on the port that serves MCP; None where nobody knows one."""
    proxied: bool = False
    """Whether the bundled proxy answers."""

    @property
    def idle(self) -> int:
        """Seconds that a stream may be silent."""
        return self.exposure.idle_seconds or HOUR

    @property
    def whole_prefix(self) -> str:
        """The path as a regular expression for itself."""
        return self.exposure.path.rstrip("/").replace(".", r"\.")


@dataclass(frozen=True, slots=True)
class Extra:
    """An object beside the route or Ingress, named `{name}{suffix}`."""

    kind: str
    """`apiVersion kind`."""
    suffix: str
    spec: Mapping[str, Any]
    owner: str | None = None
    """What its name begins with where that is not the name of the route or Ingress."""

    def name(self, target: Target) -> str:
        """Its name."""
        return f"{self.owner or target.name}{self.suffix}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a controller has to be told."""

    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of the route or Ingress."""
    service: Mapping[str, str] = field(default_factory=dict[str, str])
    """Annotations of the Service."""
    extras: tuple[Extra, ...] = ()
    path: str | None = None
    """Path of the Ingress where it is a pattern rather than a prefix."""
    timeouts: bool = True
    """Whether the implementation takes `timeouts` of an HTTPRoute."""
    pages: bool = True
    """Whether the implementation takes a filter of type `CORS`."""
    filters: tuple[Mapping[str, Any], ...] = ()
    """Filters of an HTTPRoute that the implementation has of its own."""
    class_annotation: bool = False
    """Whether the class has to be named by the annotation that came before `ingressClassName`."""


def prefixed(prefix: str, annotations: Mapping[str, str]) -> dict[str, str]:
    """`annotations` with `prefix` before each name."""
    return {f"{prefix}{name}": value for name, value in annotations.items()}


def per_second(requests: int, per: str) -> str:
    """A rate as nginx writes it."""
    return f"{requests}r/{per[0]}"
