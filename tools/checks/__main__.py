"""`python -m tools.checks [STEP...]`: runs the steps, all of them by default; exit 1 if any failed."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .steps import LAST, ROOT, STEPS, Step

_LOGS = ROOT / ".cache" / "checks"
_LIMIT_SECONDS = 1200
_TURN = threading.Lock()
"""One outcome is told at a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step went, and all that it said."""

    step: Step
    passed: bool
    seconds: float
    output: str


def main(names: Sequence[str]) -> int:
    """Exit code: 0 all passed, 1 one failed, 2 there is no such step."""
    known = [step.name for step in STEPS]
    if unknown := sorted(set(names) - set(known)):
        print(f"no step {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    _LOGS.mkdir(parents=True, exist_ok=True)
    for stale in (ROOT / ".cache").glob("coverage*"):
        stale.unlink()
    start = time.monotonic()
    chosen = [step for step in STEPS if (not names or step.name in names) and step.applies()]
    outcomes = _all(chosen)
    failed = [outcome.step.name for outcome in outcomes if not outcome.passed]
    print(
        f"\n{len(outcomes)} checks in {time.monotonic() - start:.0f} s: {'FAILED ' + ', '.join(failed) if failed else 'all passed'}"
    )
    return 1 if failed else 0


def _all(chosen: Sequence[Step]) -> list[Outcome]:
    lanes = [[step for step in chosen if step.lane == lane] for lane in sorted({step.lane for step in chosen} - {LAST})]
    with ThreadPoolExecutor(max(len(lanes), 1)) as pool:
        outcomes = [outcome for lane in pool.map(_lane, lanes) for outcome in lane]
    return outcomes + _lane([step for step in chosen if step.lane == LAST])


def _lane(steps: Sequence[Step]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for step in steps:
        outcome = _outcome(step)
        (_LOGS / f"{step.name}.log").write_text(outcome.output, encoding="utf-8")
        with _TURN:
            _tell(outcome)
        outcomes.append(outcome)
    return outcomes


def _tell(outcome: Outcome) -> None:
    step = outcome.step
    print(f"{step.name:12} {step.what:32}{'ok' if outcome.passed else 'FAILED':7}{outcome.seconds:6.1f} s")
    if outcome.passed:
        for line in step.note(outcome.output):
            print(f"{'':13}{line}")
    else:
        print(outcome.output.rstrip() + "\n")
    sys.stdout.flush()


def _outcome(step: Step) -> Outcome:
    start = time.monotonic()
    process = subprocess.Popen(
        step.command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        output, _ = process.communicate(timeout=_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output = f"{process.communicate()[0]}\ndid not finish in {_LIMIT_SECONDS} s"
    return Outcome(step, process.returncode == 0, time.monotonic() - start, output)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
