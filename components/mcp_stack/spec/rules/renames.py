"""Names that servers had before: each belongs to one server's objects."""

from collections.abc import Iterator

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..stack import StackFile


def rename_problems(file: StackFile) -> Iterator[Problem]:
    """Former names that two servers' objects would share, those of servers that are left out included: they may come back."""
    owner: dict[str, str] = {}
    for name, server in sorted(file.servers.items()):
        former, place = server.formerly, join("servers", name, "formerly")
        if former is None:
            continue
        if former == name:
            yield Problem(place, "does nothing, it is the server's name; remove it")
        elif former in file.servers:
            yield Problem(place, f"{former!r} is another server of this stack, whose objects have that name; rename that one first")
        elif former in owner:
            yield Problem(place, f"{former!r} is the former name of server {owner[former]!r}, too; only one can have its objects")
        owner.setdefault(former, name)
