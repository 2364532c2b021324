"""Names of servers as a stack can have them."""

import re
from collections.abc import Iterable

from mcp_stack_proxy.config import NAME_RULE, is_server_name

from ..spec.names import GATEWAY, SHARED
from .reading import Notes


def server_names(given: Iterable[str], path: str, notes: Notes) -> dict[str, str]:
    """Name in the stack for each of `given`; a name that has to change is noted, because tools are called by it."""
    found: dict[str, str] = {}
    for name in given:
        wanted = name if is_server_name(name) and name not in (GATEWAY, SHARED) else _made(name)
        unique, number = wanted, 1
        while unique in found.values():
            number += 1
            unique = f"{wanted[:36].rstrip('-')}-{number}"
        found[name] = unique
        if unique != name:
            notes.add(
                f"{path}.{name}" if path else name, f"is called {unique!r} now, a server's name is {NAME_RULE}; so begin its tools"
            )
    return found


def _made(name: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()).strip("-")
    words = words if words[:1].isalpha() else f"server-{words}".rstrip("-")
    return f"{words}-server" if words in (GATEWAY, SHARED) else words[:40].strip("-")
