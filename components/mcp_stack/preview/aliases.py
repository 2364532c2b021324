"""URNs that a resource had because its parents were called otherwise (Pulumi's inheritedChildAlias)."""

from collections.abc import Iterable

from .resources import type_chain


def inherited(urns: Iterable[str], parent: str, formerly: Iterable[str]) -> list[str]:
    """What `urns`, the URN of a resource and its own aliases, were below the aliases `formerly` of its `parent`.

    A name that starts with the parent's follows it, by the custom that children are called `{parent}-{role}`.
    """
    name = parent.rpartition("::")[2]
    found: list[str] = []
    for former in formerly:
        place, _, called = former.rpartition("::")
        for urn in urns:
            own = urn.rpartition("::")[2]
            bare = type_chain(urn).rpartition("$")[2]
            found.append(f"{place}${bare}::{called + own.removeprefix(name) if own.startswith(name) else own}")
    return found
