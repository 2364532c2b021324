"""Legacy clients that lose the stream of a call, and come back for what they have missed."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from mcp_stack_proxy.serve import reply as reply_module
from mcp_stack_proxy.serve import resuming
from mcp_stack_proxy.serve.replay import Shelf
from mcp_stack_proxy.serve.resuming import RETRY_MILLISECONDS
from mcp_stack_proxy.wire.sse import KEEP_ALIVE, EventParser
from tests.serve.asking import LegacyAsker, http
from tests.serve.running import SOON, hosted, running, until
from tests.serve.scripted import Scripted

ANSWER = {"content": []}


class Told(Scripted):
    """Its calls say what a test tells them to, each by the name of its tool."""

    def __init__(self):
        super().__init__("legacy", tools_call=self.call)
        self.answers["tools/list"] = {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in "ab"]}
        self.says = {"a": asyncio.Queue(), "b": asyncio.Queue()}
        self.heard = asyncio.Queue()

    async def answer(self, request):
        if request.message and request.method is None:
            self.heard.put_nowait(request.message)
        await super().answer(request)

    async def call(self, params, request):
        while (said := await self.says[params["name"]].get()) is not None:
            await request.event(**said)
        await request.event(id=request.id, result=ANSWER)
        await request.end()

    def note(self, data, tool="a"):
        params = {"level": "error", "data": data}
        self.says[tool].put_nowait({"method": "notifications/message", "params": params})

    def done(self, tool="a"):
        self.says[tool].put_nowait(None)


class Reading:
    """A stream as its client reads it."""

    def __init__(self, response):
        self.response = response
        self.events = []
        self._parser = EventParser(10**6)
        self._chunks = response.aiter_bytes()

    async def until(self, count):
        async with asyncio.timeout(SOON):
            while len(self.events) < count:
                self.events += self._parser.feed(await anext(self._chunks))
        return self

    async def rest(self):
        async with asyncio.timeout(SOON):
            async for chunk in self._chunks:
                self.events += self._parser.feed(chunk)
        return self

    @property
    def last(self):
        return self.events[-1].id

    @property
    def said(self):
        """Data of notes, `answer`, method of what else is asked; without the beginning."""
        return [_told(json.loads(event.data)) for event in self.events if event.data]


def _told(message):
    if "error" in message:
        return message["error"]["data"]["reason"]
    return "answer" if "result" in message else message["params"].get("data", message["method"])


class Coming(LegacyAsker):
    """A client that may come back."""

    async def greet(self, version="2025-11-25", **capabilities):
        params = {"protocolVersion": version, "capabilities": capabilities, "clientInfo": {"name": "t", "version": "0"}}
        response = await self.ask("initialize", params)
        self.headers |= {"mcp-protocol-version": version, "mcp-session-id": response.headers["mcp-session-id"]}
        await self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    @asynccontextmanager
    async def calling(self, tool="a", id_=7):
        body = {"jsonrpc": "2.0", "id": id_, "method": "tools/call", "params": {"name": tool, "arguments": {}}}
        async with self.http.stream("POST", self.url, json=body, headers=self.headers) as response:
            yield Reading(response)

    @asynccontextmanager
    async def back(self, last):
        headers = {**self.headers, "accept": "text/event-stream", "last-event-id": last}
        async with self.http.stream("GET", self.url, headers=headers) as response:
            yield Reading(response)

    async def returned(self, last):
        async with self.back(last) as reading:
            assert reading.response.status_code == 200
            return (await reading.rest()).said

    async def refused(self, last):
        async with self.back(last) as reading:
            await reading.response.aread()
            return reading.response.status_code


@pytest.fixture
async def server():
    return Told()


@pytest.fixture
async def gateway(server):
    async with hosted(server) as url, running({"s": {"url": url, "namespace": ""}}) as found:
        yield found


@pytest.fixture
async def asker(gateway):
    async with http() as client:
        yield await Coming(client, gateway.mcp()).greet()


async def nothing_goes_on(gateway):
    """Connections may stay open."""
    await until(lambda: not any((len(gateway.hub.working), len(gateway.gateway.vigil))), gateway.state)


@pytest.mark.requirement("sse:primed")
async def test_a_stream_begins_with_the_way_back(asker, server):
    server.note(1)
    server.done()
    async with asker.calling() as reading:
        await reading.rest()
    first, *others = reading.events
    assert (first.data, first.retry) == (b"", RETRY_MILLISECONDS)
    assert [event.id for event in others] == [f"{first.id[:-2]}.{number}" for number in (1, 2)]
    assert reading.said == [1, "answer"]


@pytest.mark.requirement("sse:resumable")
async def test_who_leaves_and_comes_back_gets_what_it_has_missed_then_the_rest_as_it_comes(asker, server, gateway):
    server.note(1)
    async with asker.calling() as reading:
        await reading.until(2)
        connected = gateway.state()["connections"]
    await until(lambda: gateway.state()["connections"] < connected)
    server.note(2)
    async with asker.back(reading.last) as again:
        await again.until(1)
        server.note(3)
        await again.until(2)
        server.done()
        await again.rest()
    assert reading.said + again.said == [1, 2, 3, "answer"]
    await nothing_goes_on(gateway)


async def test_an_answer_waits_for_its_client(asker, server, gateway):
    server.note(1)
    async with asker.calling() as reading:
        await reading.until(1)
    server.done()
    await nothing_goes_on(gateway)
    assert await asker.returned(reading.events[0].id) == [1, "answer"]
    assert [await asker.returned(f"{reading.events[0].id[:-2]}.{seen}") for seen in (1, 2)] == [["answer"], []]


async def test_a_call_that_says_nothing_shows_the_way_back_in_time(asker, server, gateway, monkeypatch):
    monkeypatch.setattr(reply_module, "PRIME", 0.2)
    async with asker.calling() as reading:
        await reading.until(1)
    server.done()
    assert await asker.returned(reading.last) == ["answer"]


async def test_a_call_that_is_answered_at_once_keeps_nothing(asker, server, gateway, monkeypatch):
    monkeypatch.setattr(reply_module, "PRIME", 10 * SOON)  # whatever a busy machine takes is at once
    server.done()
    async with asker.calling() as reading:
        await reading.response.aread()
    assert reading.response.headers["content-type"] == "application/json"
    assert len(gateway.gateway._resuming) == 0


async def test_who_comes_back_before_the_connection_is_known_to_be_lost_is_the_one_who_is_told(asker, server, gateway):
    server.note(1)
    async with asker.calling() as reading:
        await reading.until(2)
        async with asker.back(reading.last) as second:
            server.note(2)
            await second.until(1)
            async with asker.back(reading.last) as third:
                await third.until(1)
                await second.rest()
                server.done()
                await third.rest()
        await reading.rest()
    assert (reading.said, second.said, third.said) == ([1], [2], [2, "answer"])
    await nothing_goes_on(gateway)


async def test_two_calls_are_not_mixed_up(asker, server):
    lasts = {}
    for tool, id_ in (("a", 7), ("b", 8)):
        server.note(f"{tool}1", tool)
        async with asker.calling(tool, id_) as reading:
            await reading.until(2)
        lasts[tool] = reading.last
    for tool in "ba":
        server.note(f"{tool}2", tool)
        server.done(tool)
    assert [await asker.returned(lasts[tool]) for tool in "ab"] == [["a2", "answer"], ["b2", "answer"]]


async def test_a_question_is_asked_again_and_answered(gateway, server):
    async with http() as client:
        asker = await Coming(client, gateway.mcp()).greet(roots={})
        server.note(1)
        async with asker.calling() as reading:
            await reading.until(2)
        server.says["a"].put_nowait({"id": "q", "method": "roots/list", "params": {}})
        async with asker.back(reading.last) as again:
            await again.until(1)
            (question,) = [json.loads(event.data) for event in again.events]
            await asker.post({"jsonrpc": "2.0", "id": question["id"], "result": {"roots": []}})
            async with asyncio.timeout(SOON):
                assert await server.heard.get() == {"jsonrpc": "2.0", "id": "q", "result": {"roots": []}}
            server.done()
            await again.rest()
    assert again.said == ["roots/list", "answer"]


async def test_a_call_that_is_cancelled_meanwhile_has_no_answer(asker, server, gateway):
    server.note(1)
    async with asker.calling() as reading:
        await reading.until(2)
    async with asker.back(reading.last) as again:
        await asker.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}})
        await again.rest()
    assert again.said == []
    await nothing_goes_on(gateway)
    server.done()


async def test_who_has_come_back_is_told_when_the_process_ends_before_the_answer(asker, server, gateway):
    server.note(1)
    async with asker.calling() as reading:
        await reading.until(2)
    async with asker.back(reading.events[0].id) as again:
        await again.until(1)
        await gateway.hub.drain(0)
        await again.rest()
    assert again.said == [1, "draining"]
    server.done()


async def test_a_quiet_stream_shows_that_it_lives_to_who_has_come_back(asker, server, monkeypatch):
    monkeypatch.setattr(resuming, "BEAT", 0.02)
    server.note(1)
    async with asker.calling() as reading:
        await reading.until(2)
    headers = {**asker.headers, "accept": "text/event-stream", "last-event-id": reading.last}
    async with asker.http.stream("GET", asker.url, headers=headers) as response, asyncio.timeout(SOON):
        text = b""
        async for chunk in response.aiter_bytes():
            text += chunk
            if text.count(KEEP_ALIVE) >= 3:  # several may come in one piece
                server.done()
    assert text.count(b"data: ") == 1


@pytest.mark.parametrize(("version", "primed", "named"), [("2025-03-26", False, True), ("2024-11-05", False, False)])
async def test_older_revisions_get_what_they_know(gateway, server, version, primed, named):
    async with http() as client:
        asker = await Coming(client, gateway.mcp()).greet(version)
        server.note(1)
        server.done()
        async with asker.calling() as reading:
            await reading.rest()
        assert reading.said == [1, "answer"]
        assert (len(reading.events) == 3, reading.last is not None) == (primed, named)
        if named:
            assert await asker.returned(reading.events[0].id) == ["answer"]


async def test_a_batch_is_not_resumed(gateway, server):
    async with http() as client:
        asker = await Coming(client, gateway.mcp()).greet("2025-03-26")
        server.note(1)
        server.done()
        params = {"name": "a", "arguments": {}}
        response = await asker.post([{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}])
        assert "event: message" in response.text
        assert "id: " not in response.text


def forged(id_):
    name, _, number = id_.rpartition(".")
    return {
        "nothing": "",
        "another's": "42",
        "altered": ("2" if name[0] == "1" else "1") + id_[1:],
        "no number": f"{name}.x",
        "a number too great": f"{name}.{int(number) + 1}",
        "a number beyond measure": f"{name}.{'9' * 400}",
        "no digit of ours": f"{name}.\xb2",
        "none at all": name,
    }


@pytest.mark.parametrize("what", forged("1.1"))
async def test_what_was_never_given_out_leads_nowhere(asker, server, what):
    server.note(1)
    server.done()
    async with asker.calling() as reading:
        await reading.rest()
    assert await asker.refused(forged(reading.last)[what].encode("latin-1")) == 400


async def test_a_stream_of_another_session_leads_nowhere(asker, server, gateway):
    server.note(1)
    server.done()
    async with asker.calling() as reading:
        await reading.rest()
    other = await Coming(asker.http, asker.url).greet()
    assert await other.refused(reading.events[0].id) == 400
    assert await asker.returned(reading.events[0].id) == [1, "answer"]


async def test_what_is_kept_no_longer_leads_nowhere(asker, server, gateway):
    gateway.gateway._resuming._shelf = shelf = Shelf(seconds=0.05)
    server.note(1)
    server.done()
    async with asker.calling() as reading:
        await reading.rest()
    await until(lambda: len(shelf) == 0)
    assert await asker.refused(reading.last) == 400


async def test_nothing_is_kept_of_a_session_that_is_over(asker, server, gateway):
    server.note(1)
    server.done()
    async with asker.calling() as reading:
        await reading.rest()
    assert len(gateway.gateway._resuming) == 1
    await asker.http.delete(asker.url, headers=asker.headers)
    assert len(gateway.gateway._resuming) == 0
    assert await asker.refused(reading.last) == 404


async def test_who_comes_back_and_reads_slowly_holds_the_call_up_and_loses_nothing(asker, server, gateway):
    """More than all buffers of the way together, and than what is kept for a session."""
    gateway.gateway._resuming._shelf = Shelf(session_bytes=1)
    server.note("")
    async with asker.calling() as reading:
        await reading.until(2)
    async with asker.back(reading.last) as again:
        for number in range(64):
            server.note(f"{number}-" + "x" * 256 * 1024)
        server.done()
        await again.until(1)
        await until(lambda: server.says["a"].qsize() > 0)
        await again.rest()
    assert [str(said).partition("-")[0] for said in again.said] == [*map(str, range(64)), "answer"]
