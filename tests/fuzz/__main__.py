"""`make fuzz CASES=1000000`: as many cases of each target, and how they were taken. Exit code 1 with the first that goes wrong."""

import argparse
import asyncio
import sys
import time

from tests.fuzz import answers, edge
from tests.fuzz.running import fuzz, targets


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--cases", type=int, default=100_000, help="of each target")
    parser.add_argument("--seed", type=int, default=time.time_ns() // 1_000_000, help="of the first case")
    parser.add_argument("--only", help="one target")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    chosen = [target for target in targets() if given.only in (None, target.name)]
    for target in chosen:
        start = time.monotonic()
        say(target.name, given.cases, fuzz(target, given.cases, given.seed), time.monotonic() - start)
    if given.only in (None, edge.NAME):
        start = time.monotonic()
        say(edge.NAME, given.cases, asyncio.run(edge.fuzz(given.cases, given.seed)), time.monotonic() - start)
    if given.only in (None, answers.NAME):
        start = time.monotonic()
        say(answers.NAME, given.cases, answers.fuzz(given.cases, given.seed), time.monotonic() - start)
    return 0


def say(name: str, cases: int, taken: dict[str, int], seconds: float) -> None:
    heard = ", ".join(f"{word} {count:,}" for word, count in sorted(taken.items()))
    print(f"{name:12} {cases:>12,} cases in {seconds:6.0f} s: {heard}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
