"""`python -m tools.checks [STEP...]`: runs the steps, all of them by default; exit 1 if any failed."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from .steps import ROOT, STEPS, Step

_LOGS = ROOT / ".cache" / "checks"
_LIMIT_SECONDS = 900


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
    outcomes = [_run(step) for step in chosen]
    failed = [outcome.step.name for outcome in outcomes if not outcome.passed]
    print(
        f"\n{len(outcomes)} checks in {time.monotonic() - start:.0f} s: {'FAILED ' + ', '.join(failed) if failed else 'all passed'}"
    )
    return 1 if failed else 0


def _run(step: Step) -> Outcome:
    print(f"{step.name:12} {step.what:32}", end="", flush=True)
    outcome = _outcome(step)
    print(f"{'ok' if outcome.passed else 'FAILED':7}{outcome.seconds:6.1f} s")
    (_LOGS / f"{step.name}.log").write_text(outcome.output, encoding="utf-8")
    if outcome.passed:
        for line in step.note(outcome.output):
            print(f"{'':13}{line}")
    else:
        print(outcome.output.rstrip() + "\n")
    sys.stdout.flush()
    return outcome


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
