"""Which tools of a server there are for clients."""

import re
from fnmatch import translate

from ..config import ToolFilter


class Selection:
    """The tools that `allow` names and `deny` does not. Case matters, as it does in names."""

    def __init__(self, tools: ToolFilter) -> None:
        self._allowed = None if tools.allow is None else _any_of(tools.allow)
        self._denied = _any_of(tools.deny) if tools.deny else None

    def admits(self, name: str) -> bool:
        """Whether clients get the tool `name`."""
        if self._denied is not None and self._denied.match(name):
            return False
        return self._allowed is None or self._allowed.match(name) is not None


def _any_of(globs: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{translate(glob)})" for glob in globs))
