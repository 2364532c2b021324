"""A server's guard, as its configuration asks for it; no guard, and no library for it, where it asks for nothing."""

from collections.abc import Callable

from ..catalog.server_lists import ServerLists
from ..config import ServerConfig, Validation
from ..upstream.peer import Peer


def is_guarded(config: ServerConfig) -> bool:
    """Whether anything of a server's calls is checked or hidden."""
    return config.tools is not None or (config.validation is not None and config.validation.active)


def guarded(name: str, config: ServerConfig, peer: Peer, lists_of: Callable[[Peer], ServerLists]) -> tuple[Peer, ServerLists]:
    """The peer that calls go to, and the lists of what clients see; `peer` itself where nothing is guarded."""
    if not is_guarded(config):
        return peer, lists_of(peer)

    from .contracts import Contracts  # brings jsonschema-rs along: 9 MB
    from .fault_log import FaultLog
    from .peer import GuardedPeer
    from .selection import Selection
    from .visible import VisiblePeer

    visible = peer if config.tools is None else VisiblePeer(peer, Selection(config.tools))
    lists = lists_of(visible)
    validation = config.validation or Validation()
    return GuardedPeer(name, visible, Contracts(lists, validation), validation, FaultLog(name)), lists
