"""A thousand sessions are a thousand sessions: each has made its call, and has its stream open, until the measurement is over."""

import asyncio
import resource

import pytest

from benchmarks.asks import Ask
from benchmarks.crowd import crowd
from tests.serve.running import hosted, running
from tests.serve.scripted import Scripted


async def test_everyone_in_a_crowd_has_a_session_a_call_and_a_stream():
    server = Scripted("modern", tools_call={"resultType": "complete", "content": []})
    async with hosted(server) as url, running({"s": {"url": url}}) as gateway:
        gathered = crowd(gateway.mcp(), Ask("s__t"), 7)
        await asyncio.to_thread(gathered.__enter__)
        assert (len(gateway.gateway.sessions), len(gateway.gateway.streams), len(server.of("tools/call"))) == (7, 7, 7)
        await asyncio.to_thread(gathered.__exit__, None, None, None)
        await gateway.quiet()


async def test_what_refuses_a_stream_is_no_crowd():
    server = Scripted("legacy", tools_call={"content": []})
    async with hosted(server) as url:
        with pytest.raises(ValueError, match="answered 405"):
            await asyncio.to_thread(crowd(url, Ask("t"), 1).__enter__)


@pytest.mark.parametrize(("limits", "raised"), [((50, 1000), [(207, 1000)]), ((1000, 1000), []), ((1000, -1), []), ((-1, -1), [])])
def test_a_crowd_makes_room_for_itself(monkeypatch, limits, raised):
    made = []
    monkeypatch.setattr(resource, "getrlimit", lambda _what: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _what, wanted: made.append(wanted))
    with pytest.raises(OSError, match="refused"):
        crowd("http://127.0.0.1:1/mcp", Ask("t"), 7).__enter__()
    assert made == raised


def test_a_machine_that_has_no_room_says_so(monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (100, 100))
    with pytest.raises(SystemExit, match="needs 207 open files, the limit is 100"):
        crowd("http://127.0.0.1:1/mcp", Ask("t"), 7).__enter__()
