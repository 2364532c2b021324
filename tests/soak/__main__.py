"""`make soak SECONDS=900`: exit code 1 where anything was wrong or is left."""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.soak import soak

MOST_MB = 3.0
"""Growth that is no leak, beside sessions that nobody ended."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--clients", type=int, default=200, help="at a time")
    parser.add_argument("--seed", type=int, default=time.time_ns() // 1_000_000)
    given = parser.parse_args()
    print(f"{given.clients} clients for {given.seconds:g} s, seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="mcp-stack-soak-") as name:
        report = asyncio.run(soak(Path(name), given.seconds, given.clients, given.seed))
        print(report.text())
        wrong = report.wrong + report.leaks(MOST_MB)
        if wrong:
            log = (Path(name) / "proxy.log").read_text().splitlines()[-40:]
            print("\nWRONG:\n" + "\n".join(wrong), "\n\nlast lines of the proxy's log:\n" + "\n".join(log))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
