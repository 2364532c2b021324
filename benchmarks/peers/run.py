"""One after the other on the same core, in front of the same server; then the table."""

import datetime
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..asks import Ask, ask
from ..load import BadRun, measure
from ..machine import description, memory_mb
from ..stacks import ROOT
from ..targets import Target, nginx
from .contender import Contender, NotStarted, Playing, Stage
from .installed import NotInstalled
from .ours import VARIANTS, contender
from .products import PRODUCTS
from .table import Line, markdown

RESULTS = ROOT / "benchmarks" / "RESULTS.md"
BUSY, ALONE = 32, 1
SERVERS = 100


@contextmanager
def _direct(stage: Stage):
    yield Playing(Target(stage.url, 0, 0), Ask("small"), Ask)


@contextmanager
def _nginx(stage: Stage):
    with nginx(stage.directory / "run", stage.server, Ask("small")) as target:
        yield Playing(target, Ask("small"), Ask)


CONTENDERS: tuple[Contender, ...] = (
    Contender("direct", "", "the server behind by itself, on the core of the load", _direct),
    Contender("nginx", "", "plain reverse proxy, one worker, pooled connections: the yardstick", _nginx),
    *(contender(variant) for variant in VARIANTS),
    *PRODUCTS,
)


def chosen(names: Sequence[str]) -> list[Contender]:
    """All, or those that have one of `names` in theirs; `direct` is always there, because latency is what is added to its."""
    wanted = [name.strip().lower() for name in names if name.strip()]
    return [one for one in CONTENDERS if not wanted or one.name == "direct" or any(name in one.name.lower() for name in wanted)]


def run(directory: Path, server: str, seconds: float, contenders: Sequence[Contender]) -> str:
    """The table and its heading, as Markdown."""
    lines = [_measured(one, directory / f"peer-{number}", server, seconds) for number, one in enumerate(contenders)]
    today = datetime.datetime.now(datetime.UTC).date()
    how = (
        f"`make bench PEERS=1`: median of 3 runs of {seconds:g} s after a warm-up; one core for the system under test, the other "
        f"for wrk and the server behind. Calls at {BUSY} connections, 300 B results where nothing else is said; CPU of the whole "
        "process tree per call, and how many times the calls of a core our relay and our checked endpoint make. `tools/list` of "
        f"{SERVERS} servers with 50 tools each, first page, one connection."
    )
    return f"# Benchmark beside other gateways\n\n{description()}; {today}.\n\n{how}\n\n{markdown(lines)}\n"


def _measured(one: Contender, directory: Path, server: str, seconds: float) -> Line:
    print(f"  measuring {one.name}", flush=True)
    line = Line(one.name, one.version, one.note)
    stage = Stage(directory / "calls", server, directory.parent / "stub")
    stage.directory.mkdir(parents=True)
    try:
        with one.play(stage) as it:
            _calls(it, line, seconds, directory)
    except (NotInstalled, NotStarted, BadRun, SystemExit) as error:
        line.reasons.append(str(error))
        return line
    if one.listing is not None:
        _lists(one, line, replace(stage, directory=directory / "lists"), seconds)
    return line


def _calls(it: Playing, line: Line, seconds: float, directory: Path) -> None:
    measured = it.target.pid != 0
    line.start = it.target.start_seconds if measured else None
    line.idle = memory_mb(it.target.pid) if measured else None
    asked = {
        "busy": (it.small, BUSY),
        "alone": (it.small, ALONE),
        "large": (it.named("large"), BUSY),
        "stream": (it.named("stream"), BUSY),
    }
    for kind, (request, connections) in asked.items():
        try:
            setattr(line, kind, measure(it.target, request, connections, seconds, directory))
        except BadRun as error:
            line.reasons.append(f"{kind}: {error}")
    line.after = memory_mb(it.target.pid) if measured else None


def _lists(one: Contender, line: Line, stage: Stage, seconds: float) -> None:
    assert one.listing
    stage.directory.mkdir(parents=True)
    try:
        with one.listing(stage, SERVERS) as it:
            tools = ask(it.target.url, it.small, timeout=60).get("tools")
            figures = measure(it.target, it.small, ALONE, seconds, stage.directory)
            line.listing = (figures, len(tools) if isinstance(tools, list) else 0)
    except (NotInstalled, NotStarted, BadRun, SystemExit) as error:
        line.reasons.append(f"tools/list: {error}")
