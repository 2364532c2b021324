"""How the processes of one server want to be spoken to first, learnt once for all of them.

`server/discover` is asked before anything else, and who does not know it answers so (2026-07-28, basic/versioning). But there are
servers of the older revisions that take the first message for `initialize`, or do not start: those of the Python SDK before 1.9 end
with a traceback, those of rmcp, the Rust SDK, say `expect initialize request` and end; others say nothing at all.
"""


class Greeting:
    """Whether the next process is asked for its revisions, or greeted by `initialize` at once."""

    def __init__(self) -> None:
        self.asks = True
        self._insisted = False

    def was_fatal(self) -> bool:
        """A process ended while it was greeted: the next one is greeted the other way. Whether to start that at once.

        Only the first time: a server that cannot run at all is not to be started twice for each attempt.
        """
        self.asks = not self.asks
        at_once, self._insisted = not self._insisted, True
        return at_once

    def was_ignored(self) -> None:
        """A process said nothing to `server/discover`, and then took the handshake: no other need wait for the same."""
        self.asks = False

    def was_refused(self) -> None:
        """A process that was not asked first refused the handshake: perhaps it is another program by now."""
        self.asks = True
