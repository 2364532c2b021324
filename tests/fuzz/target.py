"""What is fuzzed: some bytes to begin with, and what has to hold for whatever becomes of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Target:
    """`check` takes bytes, asserts what holds for any, and says in a word how they were taken: it also chooses where to cut.

    `taken`: the words that have to be heard among a few thousand cases; a target that hears only one of them tests half of itself.
    """

    name: str
    corpus: Sequence[bytes]
    fragments: Sequence[bytes]
    check: Callable[[bytes, Random], str]
    taken: frozenset[str]
