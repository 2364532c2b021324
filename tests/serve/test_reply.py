"""Answers that take long, streams that are quiet, and what reaches a client that has gone."""

import asyncio
import json
import math

import pytest
from msgspec import Raw

from mcp_stack_proxy.catalog.offer import Watchers
from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.serve import streams as streams_module
from mcp_stack_proxy.serve.answering import Answering
from mcp_stack_proxy.serve.asking import Asking
from mcp_stack_proxy.serve.http import Request
from mcp_stack_proxy.serve.parking import Parking
from mcp_stack_proxy.serve.reply import BEAT, Reply
from mcp_stack_proxy.serve.streams import Stream, Streams
from mcp_stack_proxy.serve.vigil import Vigil
from mcp_stack_proxy.upstream.peer import Answer, Call, Notification
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.errors import INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, RpcError
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.sse import KEEP_ALIVE
from mcp_stack_proxy.wire.tickets import Tickets
from tests.serve.asking import events
from tests.serve.running import SOON, until

OK = Answer(Raw(b'{"content":[]}'))


class Client:
    """The client's end of a request."""

    def __init__(self):
        self.status, self.headers, self.sent, self.complete = None, None, [], False
        self.watching = []
        self.request = Request("POST", "/mcp", b"", [], {}, self, [(b"x-extra", b"1")], self)

    async def whole(self, status, headers, body):
        await self.begin(status, headers, body)
        self.complete = True

    async def begin(self, status, headers, first):
        assert self.status is None
        self.status, self.headers, self.sent = status, dict(headers), [first]

    async def part(self, data):
        assert not self.complete
        self.sent.append(data)

    async def end(self, last):
        await self.part(last)
        self.complete = True

    def watch(self, left):
        self.watching.append(left)

    def unwatch(self, left):
        if left in self.watching:
            self.watching.remove(left)

    def leave(self):
        for left in tuple(self.watching):
            left()

    @property
    def body(self):
        return b"".join(self.sent)


@pytest.fixture
async def tasks():
    tasks = Tasks()
    yield tasks
    await tasks.aclose()


@pytest.fixture
def client():
    return Client()


async def test_an_answer_that_comes_at_once_is_json(client, tasks):
    await Reply(client.request, Raw(b"7"), Era.MODERN, tasks).answer(OK)
    assert (client.status, client.body, client.complete) == (200, b'{"jsonrpc":"2.0","id":7,"result":{"content":[]}}', True)
    assert client.headers == {b"content-type": b"application/json", b"x-extra": b"1"}


async def test_an_answer_after_a_notification_is_the_end_of_a_stream(client, tasks):
    reply = Reply(client.request, Raw(b"7"), Era.MODERN, tasks)
    await reply.notify(Notification("n/a", None))
    await reply.notify(Notification("n/b", {"x": Raw(b"1")}))
    await reply.answer(OK)
    assert client.headers[b"content-type"] == b"text/event-stream"
    assert client.headers[b"x-extra"] == b"1"
    assert list(events(client.body.decode())) == [
        {"jsonrpc": "2.0", "method": "n/a"},
        {"jsonrpc": "2.0", "method": "n/b", "params": {"x": 1}},
        {"jsonrpc": "2.0", "id": 7, "result": {"content": []}},
    ]
    assert client.complete


@pytest.mark.parametrize(
    ("era", "error", "status"),
    [
        (Era.MODERN, b'{"code":-32602}', 400),
        (Era.MODERN, b'{"code":-32601}', 404),
        (Era.MODERN, b'{"code":4711}', 200),
        (Era.MODERN, b'{"code":"x"}', 200),
        (Era.MODERN, b'{"code":1.5}', 200),
        (Era.MODERN, b'{"code":-99999999999999999999999999}', 200),
        (Era.MODERN, b"{}", 200),
        (Era.LEGACY, b'{"code":-32602}', 200),
        (Era.LEGACY, b'{"code":-32601}', 200),
    ],
)
async def test_the_status_of_an_error_is_what_the_revision_says(client, tasks, era, error, status):
    await Reply(client.request, Raw(b"7"), era, tasks).answer(Answer(Raw(error), is_error=True))
    assert client.status == status
    assert client.body == b'{"jsonrpc":"2.0","id":7,"error":' + error + b"}"


async def test_an_error_of_ours_in_a_stream_is_an_event(client, tasks):
    reply = Reply(client.request, Raw(b"7"), Era.MODERN, tasks)
    await reply.notify(Notification("n/a", None))
    await reply.error(RpcError(INVALID_PARAMS, "m"))
    assert [*events(client.body.decode())][-1]["error"] == {"code": INVALID_PARAMS, "message": "m"}


async def test_a_quiet_stream_shows_that_it_lives(client, tasks):
    reply = Reply(client.request, Raw(b"7"), Era.LEGACY, tasks)
    reply.slow(BEAT - 1)
    await asyncio.sleep(0)
    assert client.sent == []
    for age in (BEAT, BEAT + 0.25, 2 * BEAT):
        reply.slow(age)
    await until(lambda: len(client.sent) == 2)
    await reply.answer(OK)
    reply.slow(3 * BEAT)
    await asyncio.sleep(0.01)
    assert client.body.count(KEEP_ALIVE) == 2
    assert client.body.endswith(b'data: {"jsonrpc":"2.0","id":7,"result":{"content":[]}}\n\n')
    assert client.complete


async def test_a_beat_that_is_late_says_nothing_after_the_end(client, tasks):
    reply = Reply(client.request, Raw(b"7"), Era.LEGACY, tasks)
    reply.slow(BEAT)
    await reply.answer(OK)
    await asyncio.sleep(0.01)
    assert client.headers[b"content-type"] == b"application/json"
    assert len(client.sent) == 1


@pytest.mark.requirement("modern:stream.closed")
@pytest.mark.parametrize("era", list(Era))
async def test_leaving_is_a_cancellation_on_the_modern_wire_alone(client, tasks, era):
    reply = Reply(client.request, Raw(b"7"), era, tasks)
    client.leave()
    if era is Era.LEGACY:
        assert not reply.abandoned
        return
    with pytest.raises(asyncio.CancelledError):
        await asyncio.sleep(SOON)
    asyncio.current_task().uncancel()
    assert reply.abandoned


async def test_who_leaves_after_the_end_cancels_nothing(client, tasks):
    reply = Reply(client.request, Raw(b"7"), Era.MODERN, tasks)
    await reply.answer(OK)
    reply.close()
    client.leave()
    await asyncio.sleep(0)
    assert not reply.abandoned


class Offer:
    name = "s"

    def __init__(self, *outcomes):
        self.outcomes = outcomes
        self.watchers = Watchers()
        self.watch = self.watchers.add

    async def call(self, call):
        if len(self.outcomes) == 1 and not isinstance(self.outcomes[0], Notification):
            return self._told(self.outcomes[0])
        return self._parts()

    async def _parts(self):
        for outcome in self.outcomes:
            yield self._told(outcome)

    def _told(self, outcome):
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


async def answered(client, *outcomes):
    tasks, vigil = Tasks(), Vigil()
    keys = Keyring([bytes(KEY_BYTES)])
    asking = Asking(Tickets(keys, "question", "", "p"), 1.0, tasks)
    parking = Parking(Tickets(keys, "input", "", "p"), Limits(), tasks)
    await Answering(vigil, tasks, asking, parking).call(
        client.request, Raw(b"7"), Offer(*outcomes), Call("tools/call", {}, Era.MODERN, math.inf)
    )
    assert len(vigil) == len(tasks) == 0
    return [*events(client.body.decode())] or [json.loads(client.body)]


async def test_a_fault_that_nobody_foresaw_is_told_without_a_detail(client, caplog):
    (message,) = await answered(client, ValueError("secret detail"))
    assert message["error"] == {"code": INTERNAL_ERROR, "message": "internal error"}
    assert "secret detail" in caplog.text


async def test_a_fault_after_a_notification_is_the_end_of_the_stream(client):
    first, last = await answered(client, Notification("n/a", None), RpcError(METHOD_NOT_FOUND, "m"))
    assert first["method"] == "n/a"
    assert last["error"] == {"code": METHOD_NOT_FOUND, "message": "m"}
    assert client.complete


async def test_a_call_that_the_end_of_the_process_cuts_off_is_told_so(client):
    (message,) = await answered(client, asyncio.CancelledError())
    assert message["error"]["data"] == {"reason": "draining", "retryable": False, "server": "s"}


# --- streams


async def streamed(client, monkeypatch, *, beat=SOON, **more):
    monkeypatch.setattr(streams_module, "BEAT", beat)
    streams, offer = Streams(), Offer()
    wants = {"tools"}.__contains__

    def message(kind):
        return json.dumps({"kind": kind}).encode()

    serving = asyncio.create_task(streams.serve(client.request, offer, wants, message, **more))
    await until(lambda: len(client.sent) >= 1)
    return streams, offer, serving


async def test_a_stream_tells_what_is_wanted_and_ends_when_told(client, monkeypatch):
    streams, offer, serving = await streamed(client, monkeypatch, first=b'{"first":1}', last=b'{"last":1}')
    assert len(streams) == 1
    for kind in ("prompts", "tools", "tools", "resources"):
        offer.watchers.tell(kind)
    await until(lambda: len(client.sent) >= 2)
    streams.close()
    await serving
    assert list(events(client.body.decode())) == [{"first": 1}, {"kind": "tools"}, {"last": 1}]
    assert client.complete
    assert len(streams) == len(offer.watchers._watchers) == 0


async def test_a_stream_that_has_nothing_to_say_shows_that_it_lives(client, monkeypatch):
    _, _, serving = await streamed(client, monkeypatch, beat=0.01)
    await until(lambda: client.body.count(KEEP_ALIVE) > 3)
    client.leave()
    await serving


async def test_what_a_slow_reader_has_not_read_is_told_once():
    stream = Stream()
    for _ in range(1000):
        stream.tell("tools")
        stream.tell("prompts")
    assert await stream.next() == ["tools", "prompts"]
    stream.end()
    assert await stream.next() is None
