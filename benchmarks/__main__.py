"""Runs everything and prints one table. Exit code 1 where a budget is not met.

`--peers`: other gateways beside ours, in one table (see benchmarks/peers); `--write`: it goes into benchmarks/RESULTS.md, too.
"""

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from . import stacks
from .asks import Ask, ask
from .budgets import Row, report
from .crowd import crowd
from .load import Figures, in_turn, measure, middle
from .machine import description, memory_mb, require_cores, require_programs
from .peers.contender import Playing, Stage
from .peers.ours import VARIANTS, contender
from .targets import Target, nginx, proxy, stub

SMALL, LIST = Ask("small"), Ask(None)
PAYLOADS = {"300 B": "small", "32 KiB": "large", "SSE": "stream"}
"""What a result is like -> the tool that gives it."""
WAYS = ("relay", "aggregate", "checked")
VARIANT = {way: next(one for one in VARIANTS if one.name.endswith(way)) for way in WAYS}
SECONDS, ROUNDS = 1, 7
PEER_SECONDS = 2
BUSY, ALONE = 32, 1
SESSIONS = 1000
BUSY_SHARE = 0.85


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--peers", action="store_true", help="other gateways beside ours")
    parser.add_argument("--only", default="", help="of them, those whose names have one of these words, with commas between")
    parser.add_argument("--seconds", type=int, default=PEER_SECONDS, help="of each of their runs")
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
        f"{description()}\nmedians of {ROUNDS} rounds, in each of which each has {SECONDS:g} s; "
        "system under test on core 0, wrk and the server behind on core 1\n",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="mcp-stack-bench-") as name, stub(Path(name)) as server:
        directory = Path(name)
        rows = (
            stacks.rows()
            + calls(directory, server)
            + sessions(directory, server)
            + starts(directory, server)
            + lists(directory, server)
        )
    print(f"\n{report(rows)}")
    print(f"\n{time.monotonic() - start:.0f} s in all")
    return 1 if any(row.verdict == "NOT MET" for row in rows) else 0


def calls(directory: Path, server: str) -> list[Row]:
    """CPU, throughput and latency of `tools/call`: nginx and the proxy in each of its ways, in turns on the same core."""
    stage = Stage(directory, server, directory / "stub")
    with ExitStack() as running:
        target = running.enter_context(nginx(directory / "nginx", server, SMALL))
        playing = {"nginx": Playing(target, SMALL, Ask)}
        for way in WAYS:
            say(f"start of the proxy, {way}")
            own = replace(stage, directory=directory / way.replace(" ", "-"))
            own.directory.mkdir()
            playing[way] = running.enter_context(contender(VARIANT[way]).play(own))
        idle = memory_mb(playing["relay"].target.pid)
        say(f"calls at {BUSY} connections")
        asked = [("nginx", tool) for tool in PAYLOADS.values()] + [("relay", tool) for tool in PAYLOADS.values()]
        asked += [(way, "small") for way in WAYS if way != "relay"]
        contests = {f"{who}-{tool}": (playing[who].target, playing[who].named(tool)) for who, tool in sorted(asked, key=_tool)}
        busy = in_turn(contests, BUSY, SECONDS, ROUNDS, directory)
        say("calls at one connection")
        alone = {"direct": (Target(stage.url, 0, 0), SMALL), **{who: (one.target, one.small) for who, one in playing.items()}}
        quiet = in_turn(alone, ALONE, SECONDS, ROUNDS, directory)
        loaded = memory_mb(playing["relay"].target.pid)
    warn(*(middle(figures).busy for figures in busy.values()))
    return [
        *(Row(f"nginx: CPU per call, {size}", middle(busy[f"nginx-{tool}"]).cpu_us, "us") for size, tool in PAYLOADS.items()),
        *(Row(f"relay: CPU per call, {size}", middle(busy[f"relay-{tool}"]).cpu_us, "us") for size, tool in PAYLOADS.items()),
        *(
            Row(f"relay: CPU per call against nginx, {size}", _ratio(busy, "relay", tool), "x", 4, 2)
            for size, tool in PAYLOADS.items()
        ),
        *(
            Row(f"{way}: CPU per call against nginx, 300 B", _ratio(busy, way, "small"), "x", 4, 2)
            for way in WAYS
            if way != "relay"
        ),
        *(Row(f"{who}: calls per second, {BUSY} connections", middle(busy[f"{who}-small"]).per_second, "/s") for who in playing),
        *(_times(f"{who}: p50 / p99 at {BUSY} connections", middle(busy[f"{who}-small"])) for who in playing),
        *(_times(f"{who}: p50 / p99 at one connection", middle(figures)) for who, figures in quiet.items()),
        Row("nginx: added p50 at one connection", _added(quiet, "nginx"), "ms"),
        *(Row(f"{way}: added p50 at one connection", _added(quiet, way), "ms", 0.25, 0.12) for way in WAYS),
        Row("memory of a worker, before load", idle, "MB", 60, 40),
        Row("memory of a worker, after load", loaded, "MB", 60, 40),
    ]


def _tool(asked: tuple[str, str]) -> int:
    """What has the same payload is measured next to each other."""
    return list(PAYLOADS.values()).index(asked[1])


def _ratio(rounds: dict[str, list[Figures]], way: str, tool: str) -> float:
    """CPU per call against nginx: the median of what each round says, so that a slow round is slow on both sides."""
    pairs = zip(rounds[f"{way}-{tool}"], rounds[f"nginx-{tool}"], strict=True)
    return statistics.median(ours.cpu_us / theirs.cpu_us for ours, theirs in pairs)


def _added(rounds: dict[str, list[Figures]], who: str) -> float:
    """p50 in milliseconds beyond that of the server itself."""
    return statistics.median(through.p50 - direct.p50 for through, direct in zip(rounds[who], rounds["direct"], strict=True))


def _times(what: str, figures: Figures) -> Row:
    return Row(what, figures.p50, f"/ {figures.p99:.2f} ms")


def sessions(directory: Path, server: str) -> list[Row]:
    """What a worker with all checks on holds for legacy clients who have a session and a stream open."""
    say(f"memory with {SESSIONS:,} legacy sessions and streams")
    own = Stage(directory / "sessions", server, directory / "stub")
    own.directory.mkdir()
    with contender(VARIANT["checked"]).play(own) as it, crowd(it.target.url, it.small, SESSIONS):
        held = memory_mb(it.target.pid)
    return [Row(f"memory of a worker, {SESSIONS:,} legacy sessions and streams", held, "MB", 120, 80)]


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
        figures = measure(target, LIST, ALONE, PEER_SECONDS, directory)
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
