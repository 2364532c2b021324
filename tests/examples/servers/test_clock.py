"""The stdio example: true answers in both eras."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import PromptReference

from tests.examples.servers.running import STOP_SECONDS

CLOCK = Path(__file__).parents[3] / "examples" / "servers" / "clock.py"
ERAS = [("legacy", "2025-11-25"), ("2026-07-28", "2026-07-28")]


def client(mode="auto"):
    return Client(StdioServerParameters(command=sys.executable, args=[str(CLOCK)]), mode=mode, read_timeout_seconds=20)


@pytest.mark.parametrize(("mode", "revision"), ERAS)
async def test_it_tells_true_things_in_both_eras(mode, revision):
    async with client(mode) as clock:
        assert clock.protocol_version == revision
        moment = await clock.call_tool("convert", {"time": "2026-07-28T09:30", "source": "Europe/Berlin", "target": "Asia/Tokyo"})
        assert moment.structured_content == {
            "zone": "Asia/Tokyo",
            "time": "2026-07-28T16:30:00+09:00",
            "weekday": "Tuesday",
            "utc_offset_minutes": 540,
        }
        now = (await clock.call_tool("now", {"zone": "America/New_York"})).structured_content
        assert abs(datetime.fromisoformat(now["time"]) - datetime.now(UTC)).total_seconds() < 30


async def test_days_between_dates():
    async with client() as clock:
        for start, end, expected in (
            ("2026-07-28", "2027-01-01", (157, 22, 113)),
            ("2026-11-20", "2026-11-21", (1, 0, 1)),  # from a Friday
            ("2026-11-21", "2026-11-23", (2, 0, 0)),  # a weekend
            ("2026-11-23", "2026-11-21", (-2, 0, 0)),
            ("2027-01-01", "2026-07-28", (-157, -22, -113)),
            ("2024-02-28", "2024-03-01", (2, 0, 2)),  # a leap day
        ):
            span = (await clock.call_tool("between", {"start": start, "end": end})).structured_content
            assert (span["days"], span["weeks"], span["working_days"]) == expected, (start, end)


async def test_a_count_down_reports_each_step():
    steps = []

    async def progress(done, total, message):
        steps.append((done, total, message))

    async with client() as clock:
        result = await clock.call_tool("count_down", {"steps": 2, "pause_seconds": 0.01}, progress_callback=progress)
    assert result.structured_content == {"result": "counted down from 2"}
    assert steps == [(0, 2, "2 to go"), (1, 2, "1 to go"), (2, 2, "done")]


async def test_an_unknown_zone_is_an_error_that_says_where_to_look():
    async with client() as clock:
        for zone in ("Europe/Atlantis", "../etc/passwd", "", "Europe"):
            result = await clock.call_tool("now", {"zone": zone})
            assert result.is_error
            assert f"{zone!r} is no time zone; the resource clock://zones lists all of them" in result.content[0].text


async def test_resources_prompt_and_completion():
    async with client() as clock:
        zones = json.loads((await clock.read_resource("clock://zones")).contents[0].text)
        assert {"Europe/Berlin", "UTC"} <= set(zones)
        now = json.loads((await clock.read_resource("clock://now/Europe/Berlin")).contents[0].text)
        assert now["zone"] == "Europe/Berlin"
        prompt = await clock.get_prompt("meeting", {"here": "Europe/Berlin", "there": "Asia/Tokyo"})
        assert "Asia/Tokyo" in prompt.messages[0].content.text
        found = (await clock.complete(PromptReference(name="meeting"), {"name": "here", "value": "berl"})).completion
        assert found.values == ["Europe/Berlin"]
        many = (await clock.complete(PromptReference(name="meeting"), {"name": "here", "value": "america"})).completion
        assert (len(many.values), many.has_more) == (100, True)


async def test_every_tool_says_what_it_does_and_that_it_changes_nothing():
    async with client() as clock:
        tools = (await clock.list_tools()).tools
    assert [tool.name for tool in tools] == ["now", "convert", "between", "count_down"]
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        assert tool.annotations.read_only_hint


@pytest.mark.parametrize("end", ["sigterm", "stdin"])
def test_it_ends_at_once(end):
    with subprocess.Popen([sys.executable, CLOCK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        process.stdin.flush()
        assert process.stdout.readline()
        process.terminate() if end == "sigterm" else process.stdin.close()
        assert process.wait(STOP_SECONDS) in (0, -signal.SIGTERM)
