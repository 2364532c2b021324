"""Bounds of one server: some of the process's own in its place, and how much of it clients may use at a time."""

from .amounts import Amount, Count, Seconds
from .strict import Strict

OF_CALLS = ("max_concurrent", "max_queue", "queue_seconds")
"""Keys that bound how many calls a server gets at a time; the others stand in the place of the process's `limits`."""

OF_CONNECTIONS = ("max_connection_age_seconds",)
"""Keys that only a server at a URL has a use for."""


class ServerLimits(Strict):
    """Bounds of one server. The first six are those of `limits` where they are not given here."""

    connect_seconds: Seconds | None = None
    """Time to open a connection to it."""
    max_connection_age_seconds: Seconds | None = None
    """Age from which on a connection to it carries no further request."""
    exchange_seconds: Seconds | None = None
    """Silence allowed within one exchange with it."""
    request_seconds: Seconds | None = None
    """Hard end of a request to it, the wait for its turn included."""
    discovery_seconds: Seconds | None = None
    """Time for its part of a list, negotiation included."""
    catalog_seconds: Seconds | None = None
    """Age at which its lists are fetched again, where it does not announce changes itself."""
    max_concurrent: Count | None = None
    """Calls that it works on at a time for one proxy process: of tools, prompts, resources and completions. No bound by default.

    A call counts until its last part. Lists, greetings and streams of changes do not count.
    """
    max_queue: Amount = 100
    """Calls that wait for their turn, in the order in which they came. One more is answered at once as `overloaded`."""
    queue_seconds: Seconds = 10
    """Time that a call waits for its turn before it is answered as `overloaded`."""

    def idle(self) -> dict[str, str]:
        """Keys that were given although they do nothing, and why."""
        if self.max_concurrent is None:
            return {key: "does nothing without `max_concurrent`" for key in OF_CALLS[1:] if key in self.model_fields_set}
        if self.max_queue == 0 and "queue_seconds" in self.model_fields_set:
            return {"queue_seconds": "does nothing where `max_queue` is 0: no call waits"}
        return {}

    def of_connections(self) -> list[str]:
        """Keys that were given and that do nothing for a child process."""
        return [key for key in OF_CONNECTIONS if getattr(self, key) is not None]

    def times(self) -> dict[str, float]:
        """Those of `limits` that this server has its own of."""
        found = self.model_dump(exclude_none=True)
        return {key: value for key, value in found.items() if key not in OF_CALLS}
