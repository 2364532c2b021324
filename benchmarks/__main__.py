"""Runs everything and prints one table. Exit code 1 where a budget is not met.

`--peers`: other gateways beside ours, in one table (see benchmarks/peers); `--write`: it goes into benchmarks/RESULTS.md, too.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from . import stacks
from .asks import Ask, ask
from .budgets import Row, report
from .load import measure
from .machine import description, memory_mb, require_cores, require_programs
from .targets import Target, nginx, proxy, stub

SMALL, LARGE, STREAM, LIST = Ask("small"), Ask("large"), Ask("stream"), Ask(None)
PAYLOADS = {"300 B": SMALL, "32 KiB": LARGE, "SSE": STREAM}
SECONDS = 2
BUSY, ALONE = 32, 1
BUSY_SHARE = 0.85


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--peers", action="store_true", help="other gateways beside ours")
    parser.add_argument("--only", default="", help="of them, those whose names have one of these words, with commas between")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="of each of their runs")
    parser.add_argument("--write", action="store_true", help="their table goes into benchmarks/RESULTS.md, too")
    given = parser.parse_args()
    require_cores()
    require_programs()
    return beside(given) if given.peers else alone()


def beside(given: argparse.Namespace) -> int:
    """Other gateways, ours among them."""
    from .peers.run import RESULTS, chosen, run

    with tempfile.TemporaryDirectory(prefix="mcp-stack-bench-") as name, stub(Path(name)) as server:
        text = run(Path(name), server, given.seconds, chosen(given.only.split(",")))
    print(f"\n{text}")
    if given.write:
        RESULTS.write_text(text, encoding="utf-8")
    return 0


def alone() -> int:
    """Ours against its budgets, nginx beside it."""
    start = time.monotonic()
    print(
        f"{description()}\nmedian of 3 runs of {SECONDS} s; system under test on core 0, wrk and the server behind on core 1\n",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="mcp-stack-bench-") as name, stub(Path(name)) as server:
        directory = Path(name)
        rows = stacks.rows() + calls(directory, server) + starts(directory, server) + lists(directory, server)
    print(f"\n{report(rows)}")
    print(f"\n{time.monotonic() - start:.0f} s in all")
    return 1 if any(row.verdict == "NOT MET" for row in rows) else 0


def calls(directory: Path, server: str) -> list[Row]:
    """CPU, throughput and latency of `tools/call`, nginx and proxy one after the other on the same core."""
    url = f"http://{server}/mcp"
    direct = measure(Target(url, 0, 0), SMALL, ALONE, SECONDS, directory)
    with nginx(directory / "nginx", server, SMALL) as target:
        say("nginx")
        yardstick = {payload: measure(target, request, BUSY, SECONDS, directory) for payload, request in PAYLOADS.items()}
        alone = measure(target, SMALL, ALONE, SECONDS, directory)
    with proxy(directory / "proxy", {"stub": url}, "/servers/stub/mcp", SMALL) as target:
        say("proxy, one server")
        idle = memory_mb(target.pid)
        ours = {payload: measure(target, request, BUSY, SECONDS, directory) for payload, request in PAYLOADS.items()}
        ours_alone = measure(target, SMALL, ALONE, SECONDS, directory)
        loaded = memory_mb(target.pid)
    prefixed = Ask("stub__small")
    with proxy(directory / "aggregate", {"stub": url}, "/mcp", prefixed) as target:
        say("proxy, aggregate")
        aggregate = measure(target, prefixed, BUSY, SECONDS, directory)
    warn(yardstick["300 B"].busy, ours["300 B"].busy, aggregate.busy)
    rows = [Row(f"nginx: CPU per call, {payload}", figures.cpu_us, "us") for payload, figures in yardstick.items()]
    rows += [Row(f"proxy: CPU per call, {payload}", figures.cpu_us, "us") for payload, figures in ours.items()]
    rows += [
        Row("proxy: CPU per call, 300 B, aggregate", aggregate.cpu_us, "us"),
        *(
            Row(f"CPU per call against nginx, {payload}", ours[payload].cpu_us / yardstick[payload].cpu_us, "x", 4, 2)
            for payload in PAYLOADS
        ),
        Row("CPU per call against nginx, 300 B, aggregate", aggregate.cpu_us / yardstick["300 B"].cpu_us, "x", 4, 2),
        Row(f"nginx: calls per second, {BUSY} connections", yardstick["300 B"].per_second, "/s"),
        Row(f"proxy: calls per second, {BUSY} connections", ours["300 B"].per_second, "/s"),
        Row(f"proxy: p50 / p99 at {BUSY} connections", ours["300 B"].p50, f"/ {ours['300 B'].p99:.2f} ms"),
        Row("p50 / p99 at one connection, direct", direct.p50, f"/ {direct.p99:.2f} ms"),
        Row("p50 / p99 at one connection, nginx", alone.p50, f"/ {alone.p99:.2f} ms"),
        Row("p50 / p99 at one connection, proxy", ours_alone.p50, f"/ {ours_alone.p99:.2f} ms"),
        Row("added p50 at one connection, nginx", alone.p50 - direct.p50, "ms"),
        Row("added p50 at one connection, proxy", ours_alone.p50 - direct.p50, "ms", 0.25, 0.12),
        Row("memory of a worker, before load", idle, "MB", 60, 40),
        Row("memory of a worker, after load", loaded, "MB", 60, 40),
    ]
    return rows


def starts(directory: Path, server: str) -> list[Row]:
    """From the start of the process to the first good `tools/call`."""
    rows: list[Row] = []
    for count, must, moonshot in ((1, 0.5, 0.25), (200, 2, 1)):
        say(f"start, {count} servers")
        servers = {f"s{number}": f"http://{server}/mcp" for number in range(count)}
        seconds: list[float] = []
        for run in range(3):
            with proxy(directory / f"start-{count}-{run}", servers, "/mcp", Ask("s0__small")) as target:
                seconds.append(target.start_seconds)
        rows.append(Row(f"start to first answer, {count} servers", statistics.median(seconds), "s", must, moonshot))
    return rows


def lists(directory: Path, server: str) -> list[Row]:
    """`tools/list` of an aggregate of 100 servers with 50 tools each, when it has been asked before."""
    say("tools/list, 100 servers of 50 tools")
    servers = {f"s{number}": f"http://{server}/many/mcp" for number in range(100)}
    with proxy(directory / "many", servers, "/mcp", LIST) as target:
        tools = ask(target.url, LIST).get("tools")
        if not isinstance(tools, list) or not tools:
            raise SystemExit(f"{target.url} lists no tools")
        figures = measure(target, LIST, ALONE, SECONDS, directory)
        return [
            Row(f"tools/list, 100 x 50 tools, first page of {len(tools)}, p50", figures.p50, "ms"),
            Row("tools/list, 100 x 50 tools, CPU", figures.cpu_us / 1000, "ms", 2, 0.5),
            Row("memory of a worker with 100 x 50 tools listed", memory_mb(target.pid), "MB"),
        ]


def warn(*shares: float) -> None:
    """Says so where the system under test could not keep its core busy: then something else ran there, or the load fell short."""
    if min(shares) < BUSY_SHARE:
        print(f"  under load, core 0 was ours for only {min(shares):.0%} of the time: repeat this on an idle machine", flush=True)


def say(what: str) -> None:
    print(f"  measuring {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
