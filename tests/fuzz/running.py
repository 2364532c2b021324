"""Cases of one target, one after the other. Each has a seed of its own, so that one can be repeated alone."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from random import Random
from types import FrameType

from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target

NAMES = ("envelope", "sse", "cursors", "http_client", *(("sealing",) if find_spec("mcp_stack_proxy.wire.sealing") else ()))
HANG_SECONDS = 10
"""Of CPU, for a thousand cases that take a tenth of one: a busy machine is no hang, and nothing here waits."""
_ROUND = 1000


def targets() -> list[Target]:
    return [import_module(f"tests.fuzz.targets.{name}").TARGET for name in NAMES]


def fuzz(target: Target, cases: int, seed: int) -> Counter[str]:
    """How the cases were taken; AssertionError naming the seed and the bytes of the first that went wrong."""
    taken: Counter[str] = Counter()
    for first in range(seed, seed + cases, _ROUND):
        with _deadline(f"{target.name}: a case from seed {first} on hangs"):
            for number in range(first, min(first + _ROUND, seed + cases)):
                taken[one(target, number)] += 1
    return taken


def one(target: Target, seed: int) -> str:
    """The case with this seed."""
    rng = Random(f"{target.name} {seed}")
    data = mutated(rng, target.corpus, target.fragments)
    try:
        return target.check(data, rng)
    except Exception as error:
        raise AssertionError(f"{target.name}, seed {seed}: {error!r} for {data!r}") from error


@contextmanager
def _deadline(message: str) -> Iterator[None]:
    def hangs(_signal: int, _frame: FrameType | None) -> None:
        raise AssertionError(message)

    before = signal.signal(signal.SIGVTALRM, hangs)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
