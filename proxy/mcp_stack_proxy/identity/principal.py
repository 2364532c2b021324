"""A caller who has shown who it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and what it is. Never holds the credential that has shown it."""

    subject: str
    roles: frozenset[str] = frozenset()
