"""A caller who has shown who it is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and what it is. Never holds the credential that has shown it."""

    subject: str
    roles: frozenset[str] = frozenset()
    key_id: str = field(default="", compare=False)
    """Which of its keys was shown: the first digits of the key's hash. Tells records apart, and is no part of who it is."""
