"""What the stack's proxies, gateway and wrappers alike, tell about themselves and about the calls that they serve."""

from typing import Annotated, Literal

from pydantic import Field

from mcp_stack_proxy.config import Metrics, Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

from .network import Client
from .probes import Port


class ManagementSpec(Strict):
    """The port of the proxies' health and metrics, apart from the one that serves calls."""

    port: Port = 9100
    """Port in the proxies' pods. It asks nobody who reads."""
    scrapers: list[Client] = []
    """Pods and addresses that may read it, such as Prometheus; probes of the kubelet always can. Annotations `prometheus.io/*` lead
    them there, unless `monitoring` has monitors.
    """


class MetricsSpec(Metrics):
    """Prometheus metrics of the proxies, at `/metrics` of the management port."""

    enabled: bool = True
    """`false` counts nothing."""


class AuditSpec(Strict):
    """One line of JSON for each call, on standard output."""

    enabled: bool = True
    """`false` records nothing."""
    arguments: Literal["none", "digest", "full"] = "none"
    """What of a call's arguments is recorded: nothing, their SHA-256 (which tells short or guessable ones), or all of them."""
    flush_seconds: Annotated[float, Field(gt=0, le=60, allow_inf_nan=False), NO_BOOL] = 0.5
    """Time after which a record is written at the latest: a killed pod loses what is younger."""
    buffer_bytes: Annotated[int, Field(gt=0), NO_BOOL] = 8 * 1024 * 1024
    """Records that wait for a slow reader of the output; those beyond are lost and counted."""
