"""What arguments consist of: observing. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .network import ClientArgs


class ManagementArgs(TypedDict):
    """The port of the proxies' health and metrics, apart from the one that serves calls."""

    port: NotRequired[int]
    """Port in the proxies' pods. It asks nobody who reads."""
    scrapers: NotRequired[list[ClientArgs]]
    """Pods and addresses that may read it, such as Prometheus; probes of the kubelet always can. Annotations `prometheus.io/*` lead
    them there, unless `monitoring` has monitors."""


class MetricsArgs(TypedDict):
    """Prometheus metrics of the proxies, at `/metrics` of the management port."""

    tools_per_server: NotRequired[int]
    """Tools of one server that have series of their own, about 25 each; further ones, and unlisted ones, count as `other`."""
    enabled: NotRequired[bool]
    """`false` counts nothing."""


class AuditArgs(TypedDict):
    """One line of JSON for each call, on standard output."""

    enabled: NotRequired[bool]
    """`false` records nothing."""
    arguments: NotRequired[str]
    """What of a call's arguments is recorded: nothing, their SHA-256 (which tells short or guessable ones), or all of them."""
    flush_seconds: NotRequired[float]
    """Time after which a record is written at the latest: a killed pod loses what is younger."""
    buffer_bytes: NotRequired[int]
    """Records that wait for a slow reader of the output; those beyond are lost and counted."""
