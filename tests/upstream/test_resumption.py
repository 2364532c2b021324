"""Streams of a legacy server that end before the answer, and what it takes to get it all the same."""

import asyncio
import math
from contextlib import nullcontext

import pytest

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream import resumption
from mcp_stack_proxy.upstream.http import HttpPool, Origin
from mcp_stack_proxy.upstream.http_peer import HttpPeer
from mcp_stack_proxy.upstream.peer import Answer, Call, Notification
from mcp_stack_proxy.upstream.resumption import ATTEMPTS, LONGEST_ID, PAUSE, SHORTEST_PAUSE, Place, lasting
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.sse import EventParser
from tests.serve.running import SOON, hosted
from tests.serve.scripted import Scripted

ANSWER = '{"jsonrpc":"2.0","id":%s,"result":{"content":[]}}'
NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","data":%d}}'


def event(data="", id_=None, retry=None):
    lines = [f"id: {id_}"] * (id_ is not None) + [f"retry: {retry}"] * (retry is not None)
    return "\n".join([*lines, f"data: {data}", "", ""]).encode()


class Ending(Scripted):
    """`parts`: what each response of the stream says, the POST's first; an int is a status. `broken`: it ends without an end."""

    def __init__(self, *parts, broken=False):
        super().__init__("legacy", tools_call=self.begin)
        self.parts = list(parts)
        self.broken = broken
        self.asked = []
        """When each came, and the id that it named."""
        self.call = None

    async def begin(self, _params, request):
        self.call = request.id
        await self.part(request)

    async def answer(self, request):
        if request.http != "GET" or "last-event-id" not in request.headers:
            return await super().answer(request)
        assert request.headers["mcp-session-id"] == "s-1"
        assert request.headers["mcp-protocol-version"] == "2025-11-25"
        assert request.headers["accept"] == "text/event-stream"
        return await self.part(request)

    async def part(self, request):
        self.asked.append((asyncio.get_running_loop().time(), request.headers.get("last-event-id")))
        part = self.parts.pop(0)
        if isinstance(part, int):
            return await request.send(part, b"")
        length = {"content-length": "1000000"} if self.broken and self.parts else {}
        await request.start(200, {"content-type": "text/event-stream", **length})
        body = part.replace(b"%s", str(self.call).encode())
        await request._send({"type": "http.response.body", "body": body, "more_body": True})
        if length:
            raise ConnectionResetError("the connection breaks")
        return await request.end()


@pytest.fixture(params=["shared", "own"])
async def called(request, monkeypatch):
    """The parts of a call to a server; in the session that all share, or in one of the caller's own."""
    monkeypatch.setattr(resumption, "PAUSE", 0.02)
    monkeypatch.setattr(resumption, "SHORTEST_PAUSE", 0.01)
    tasks = Tasks()
    limits = Limits()
    own = {"capabilities": {"roots": raw({})}, "session": "client"} if request.param == "own" else {}

    async def call(server, seconds=SOON):
        async with hosted(server) as url:
            peer = HttpPeer("s", HttpPool(Origin.parse(url), limits=limits), [], limits, tasks, lambda _kind: None)
            deadline = asyncio.get_running_loop().time() + seconds
            try:
                reply = await peer.call(Call("tools/call", {}, Era.LEGACY, deadline, log_level="debug", **own))
                return [reply] if isinstance(reply, Answer) else [part async for part in reply]
            finally:
                await peer.aclose(1.0)

    yield call
    await tasks.aclose()


def said(parts):
    """Numbers of notes, and `answer`."""
    return [int(bytes(part.params["data"])) if isinstance(part, Notification) else "answer" for part in parts]


DONE = event(ANSWER, "9")
TAKEN_UP = {
    "primed": ([event("", "1", 20), DONE], ["1"], ["answer"]),
    "in the middle": ([event("", "1", 20) + event(NOTE % 1, "2"), event(NOTE % 2, "3") + DONE], ["2"], [1, 2, "answer"]),
    "many times": ([event(NOTE % n, str(n)) for n in range(8)] + [DONE], list("01234567"), [*range(8), "answer"]),
    "polled": ([event("", str(n), 10) for n in range(1, 9)] + [DONE], list("12345678"), ["answer"]),
    "an error of the server between": ([event("", "1"), 503, DONE], ["1", "1"], ["answer"]),
    "an id without data": ([b"id: 1\n\n", DONE], ["1"], ["answer"]),
    "the last has no id": ([event(NOTE % 1, "1") + event(NOTE % 2), DONE], ["1"], [1, 2, "answer"]),
    "one that was not whole": ([event(NOTE % 1, "1") + b"id: 2\ndata: {", event(NOTE % 2, "2") + DONE], ["1"], [1, 2, "answer"]),
}


@pytest.mark.requirement("sse:resumed")
@pytest.mark.parametrize("broken", [False, True], ids=["ends", "breaks"])
@pytest.mark.parametrize("case", TAKEN_UP)
async def test_a_stream_that_ends_before_the_answer_is_taken_up_after_its_last_event(called, case, broken):
    parts, asked, expected = TAKEN_UP[case]
    server = Ending(*parts, broken=broken)
    assert said(await called(server)) == expected
    assert [id_ for _, id_ in server.asked] == [None, *asked]


@pytest.mark.requirement("sse:retry")
async def test_a_server_is_left_alone_for_as_long_as_it_wants(called):
    server = Ending(event("", "1", 300), DONE)
    await called(server)
    (first, _), (second, _) = server.asked
    assert second - first >= 0.29


LOST = {
    "no id": ([event(NOTE % 1)], 0),
    "an id taken back": ([event(NOTE % 1, "1") + b"id\ndata: {}\n\n".replace(b"{}", (NOTE % 2).encode())], 0),
    "an id too long": ([event(NOTE % 1, "1" * (LONGEST_ID + 1))], 0),
    "an id that is no header": ([event(NOTE % 1, "1\x1b")], 0),
    "not offered": ([event("", "1"), 405], 1),
    "forgotten": ([event("", "1"), 404], 1),
    "nothing new": ([event("", "1")] * (ATTEMPTS + 1), ATTEMPTS),
    "down": ([event("", "1")] + [503] * ATTEMPTS, ATTEMPTS),
}


@pytest.mark.parametrize("broken", [False, True], ids=["ends", "breaks"])
@pytest.mark.parametrize("case", LOST)
async def test_a_stream_that_nothing_leads_back_to_is_lost_and_the_call_is_not_repeated(called, case, broken):
    parts, asked = LOST[case]
    server = Ending(*parts, *[b""] * broken, broken=broken)
    with pytest.raises(UpstreamError) as caught:
        await called(server)
    assert caught.value.reason is Reason.UNREACHABLE
    assert len(server.asked) == 1 + asked
    assert len(server.of("tools/call")) == 1


async def test_a_stream_is_not_waited_for_after_the_deadline(called):
    with pytest.raises(UpstreamError) as caught:
        await called(Ending(event("", "1", 60_000)), seconds=0.3)
    assert caught.value.reason is Reason.TIMEOUT


async def test_what_is_no_message_is_no_reason_to_come_back(called):
    server = Ending(event("", "1") + event("nonsense", "2"), DONE)
    with pytest.raises(UpstreamError) as caught:
        await called(server)
    assert (caught.value.reason, len(server.asked)) == (Reason.INVALID, 1)


def seen(stream):
    parser = EventParser(1000)
    list(parser.feed(stream))
    return parser


@pytest.mark.parametrize(
    ("streams", "attempts", "pause"),
    [
        ([b""], 0, None),
        ([b"data: a\n\n"], 0, None),
        ([b"id: 1\n\n"], 0, PAUSE),
        ([b"id: 1\nretry: 4000\n\n"], 0, 4.0),
        ([b"id: 1\nretry: 4000\n\n"], 1, 4.0),
        ([b"id: 1\nretry: 4000\n\n"], 3, 16.0),
        ([b"id: 1\nretry: 0\n\n"], 0, SHORTEST_PAUSE),
        ([b"id: 1\n\n"], ATTEMPTS, None),
        ([b"retry: 4000\nid: 1\n\n", b"id: 2\n\n"], 0, 4.0),
        ([b"id: 1\n\n", b""], 0, PAUSE),
    ],
)
def test_how_long_to_wait_depends_on_the_server_and_on_how_often_it_was_asked_in_vain(streams, attempts, pause):
    place = Place()
    for stream in streams:
        place.ended(seen(stream))
    place.attempts += attempts
    assert place.pause() == pause


def test_a_new_event_is_a_new_beginning():
    place = Place("1", attempts=ATTEMPTS)
    place.ended(seen(b"id: 1\n\n"))
    assert place.pause() is None
    place.ended(seen(b"id: 2\n\n"))
    assert (place.id, place.attempts, place.pause()) == ("2", 0, PAUSE)


class Part:
    """A response that says `stream`."""

    status = 200

    def __init__(self, stream):
        self.stream = stream

    def header(self, _name):
        return b"text/event-stream"

    async def __aiter__(self):
        yield self.stream

    def abort(self):
        pass


@pytest.mark.parametrize(("fault", "asked"), [(Reason.UNREACHABLE, 3), (Reason.TIMEOUT, 1)])
async def test_a_server_that_is_not_reached_is_asked_again_until_time_is_up(monkeypatch, fault, asked):
    monkeypatch.setattr(resumption, "PAUSE", 0.0)
    monkeypatch.setattr(resumption, "SHORTEST_PAUSE", 0.0)
    ids = []

    async def again(id_):
        ids.append(id_)
        if len(ids) < 3:
            raise UpstreamError(fault, "m")
        return Part(event(NOTE % 2, "2"))

    found = []
    with pytest.raises(UpstreamError) if fault is Reason.TIMEOUT else nullcontext():
        async for message in lasting(Part(event(NOTE % 1, "1")), Limits(), again, math.inf):
            found.append(message.method)
            if len(found) == 2:
                break
    assert ids == [b"1"] * asked
    assert len(found) == (1 if fault is Reason.TIMEOUT else 2)
