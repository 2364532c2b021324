"""How the processes of one server want to be spoken to first, learnt once for all of them.

`server/discover` is asked before anything else, and who does not know it answers so (2026-07-28, basic/versioning). But there are
servers of the older revisions that take the first message for `initialize`: those of the Python SDK 1.2 to 1.8 end with a
traceback, those of rmcp, the Rust SDK, with `ExpectedInitializeRequest`. Others say nothing at all.
"""


class Greeting:
    """Whether the next process is asked for its revisions, or greeted by `initialize` at once."""

    def __init__(self) -> None:
        self.asks = True
        self._insisted = False

    def was_fatal(self) -> bool:
        """A process ended while it was greeted: the next one is greeted the other way. Whether to start that at once.

        Only the first time: one that cannot run at all is not to be started twice for each attempt.
        """
        self.asks = not self.asks
        at_once, self._insisted = not self._insisted, True
        return at_once

    def was_ignored(self) -> None:
        """A process said nothing to `server/discover`, and then took the handshake: no other need wait for the same."""
        self.asks = False
