"""What arguments consist of: alone. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class AskedArgs(TypedDict):
    """What KEDA asks, and whom."""

    address: str
    """Prometheus, or what speaks its interface: `http://prometheus-operated.monitoring.svc:9090`."""
    query: str
    """PromQL for the calls in flight of all replicas together: one number."""
    authentication: NotRequired[str]
    """Existing TriggerAuthentication in the workload's namespace."""
    modes: NotRequired[list[str]]
    """How it is used; needed beside `authentication`."""
