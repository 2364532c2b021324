"""The table beside other gateways: whoever takes part stands in it, with figures or with the reason why there are none."""

from contextlib import contextmanager

import pytest

from benchmarks.load import BadRun, Figures
from benchmarks.peers import run
from benchmarks.peers.contender import Contender, NotStarted
from benchmarks.peers.installed import NotInstalled, Package, install
from benchmarks.peers.table import CHECKED, COLUMNS, PROMISED, RELAY, Line, cells, markdown, times_per_core, verdicts

DIRECT = Figures(50_000, 0, 0.02, 0.1)
OURS = Figures(20_000, 43.21, 0.14, 0.3)


def test_a_line_has_a_cell_for_every_column_and_says_what_was_added():
    line = Line("ours", "1", "n", OURS, OURS, OURS, None, 30.4, 33.6, 0.123, (Figures(900, 1400, 1.1, 2), 1000))
    found = dict(zip(COLUMNS, cells(line, DIRECT), strict=True))
    assert found["calls/s"] == "20,000"
    assert found["CPU us"] == "43.2"
    assert found["added p50 ms"] == "0.12"
    assert found["SSE: calls/s, CPU us"] == "-"
    assert found["MB idle / after"] == "30 / 34"
    assert found["tools/list: ms, CPU ms, tools"] == "1.1, 1.4, 1000"


def test_every_line_says_how_many_times_its_calls_ours_makes_of_a_core():
    slow, fast = Figures(900, 1000, 1, 2), Figures(20_000, 50, 1, 2)
    found = dict(zip(COLUMNS, cells(Line("x", "1", "n", slow), DIRECT, fast, OURS), strict=True))
    assert (found["relay has x"], found["checked has x"]) == ("20.0", "23.1")
    assert times_per_core(OURS, DIRECT) is None


def test_a_promise_is_kept_or_not_or_was_not_tried():
    lines = [
        Line(RELAY, "1", "n", Figures(20_000, 50, 1, 2)),
        Line("mcp-proxy", "1", "n", Figures(900, 500, 1, 2)),
        Line("FastMCP, shared client", "1", "n", Figures(900, 1249, 1, 2)),
        Line("FastMCP, default", "1", "n", reasons=["no wheel"]),
    ]
    said = markdown(lines).splitlines()[-3:]
    assert [line.rpartition(": ")[2] for line in said] == ["10x, met", "25x, NOT MET", "not measured"]
    assert verdicts([Line("nginx", "1", "n")]) == []


def test_what_was_not_measured_is_named_with_the_reason():
    direct = Line("direct", "", "by itself", DIRECT, DIRECT)
    text = markdown([direct, Line("absent", "9.9", "how", reasons=["not installed: no such version"])])
    assert "| absent | 9.9 | - |" in text
    assert "- **absent**: how; not installed: no such version." in text
    assert cells(direct, DIRECT)[COLUMNS.index("added p50 ms")] == "-"


@pytest.mark.parametrize("error", [NotInstalled("no wheel"), NotStarted("no answer"), BadRun("refused"), SystemExit("ended")])
def test_a_contender_that_fails_costs_the_others_nothing(tmp_path, error):
    @contextmanager
    def play(stage):
        raise error
        yield

    text = run.run(tmp_path, "127.0.0.1:1", 1, [Contender(name, "1", "n", play) for name in ("one", "two")])
    assert text.count(f"; {error}.") == 2


def test_a_package_that_cannot_be_had_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.peers.installed.CACHE", tmp_path)
    monkeypatch.setattr("benchmarks.peers.installed._pypi", lambda package: [["sh", "-c", "echo first; echo last >&2; exit 3"]])
    package = Package("pypi", "x", "1")
    with pytest.raises(NotInstalled, match=r"^not installed: last$"):
        install(package)
    assert not (package.directory / ".installed").exists()


def test_every_peer_that_was_promised_takes_part_and_direct_is_always_there():
    names = [one.name for one in run.CONTENDERS]
    assert names[:2] == ["direct", "nginx"]
    for wanted in ("mcp-proxy", "FastMCP, shared client", "FastMCP, default", "mcp-hangar", "ContextForge", "supergateway"):
        assert wanted in names
    assert {"mcp-stack-proxy, relay", "mcp-stack-proxy, aggregate", "mcp-stack-proxy, checked"} <= set(names)
    assert {f"{RELAY}, two workers", f"{CHECKED}, two workers", *PROMISED} <= set(names)
    assert len(run.chosen([""])) == len(names)
    assert [one.name for one in run.chosen(["NGINX", " hangar"])] == ["direct", "nginx", "mcp-hangar"]
