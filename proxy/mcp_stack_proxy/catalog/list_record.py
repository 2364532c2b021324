"""How attempts to get a server's lists ended: for metrics, which tell what a list lacks when no client looks at its `_meta`."""

from collections import Counter

from ..errors import Reason


class ListRecord:
    """Of one server, all its lists, whoever they were asked for."""

    def __init__(self) -> None:
        self.failures: Counter[tuple[str, Reason]] = Counter()
        """Attempts that failed, by list (`tools`, `resourceTemplates`) and reason."""
        self.failing: dict[str, bool] = {}
        """Whether whoever asked last went without, of each list that was asked for."""

    def failed(self, what: str, reason: Reason) -> None:
        """An attempt to get the list `what` failed."""
        self.failures[what, reason] += 1
        self.failing[what] = True

    def missing(self, what: str) -> None:
        """Somebody asked for the list `what` while the server is left alone after a failure."""
        self.failing[what] = True

    def succeeded(self, what: str) -> None:
        """The list `what` is known."""
        self.failing[what] = False
