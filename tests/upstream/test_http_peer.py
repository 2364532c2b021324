"""A server over HTTP that changes behind our back: sessions it forgets, revisions it gains and loses, streams that end."""

import asyncio
import json
import re
from contextlib import AsyncExitStack, suppress

import pytest

from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream import listening
from mcp_stack_proxy.upstream.http import HttpPool, Origin
from mcp_stack_proxy.upstream.http_peer import HttpPeer
from mcp_stack_proxy.upstream.peer import Call, answer_of
from mcp_stack_proxy.upstream.tasks import Tasks
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.revisions import Era
from tests.serve.asking import LegacyAsker, ModernAsker, http
from tests.serve.running import SOON, hosted, running, until
from tests.serve.scripted import MODERN, Scripted

META = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}


@pytest.fixture
async def meet(monkeypatch):
    """A peer for a server that a test scripts."""
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.02)
    async with AsyncExitStack() as stack:

        async def start(server, **limits):
            url = await stack.enter_async_context(hosted(server))
            tasks, changed = Tasks(), []
            given = Limits.model_validate(limits)
            peer = HttpPeer("s", HttpPool(Origin.parse(url), limits=given), [], given, tasks, changed.append)
            peer.changes_heard = changed
            stack.push_async_callback(tasks.aclose)
            stack.push_async_callback(peer.aclose, 1.0)
            return peer

        yield start


def soon(seconds=SOON):
    return asyncio.get_running_loop().time() + seconds


def call(method="tools/call", era=Era.MODERN, deadline=None, **params):
    members = {name: raw(value) for name, value in params.items()}
    if era is Era.MODERN:
        members["_meta"] = raw(META)
    return Call(method, members, era, deadline or soon())


async def told(peer, *args, **params):
    answer = await answer_of(await peer.call(call(*args, **params)))
    return bytes(answer.value)


OK = {"content": []}


class Closing:
    """A legacy server whose connection ends, without having said so, when the message after `initialize` comes on it."""

    def __init__(self):
        self.heard = []

    async def serve(self, reader, writer):
        with suppress(asyncio.IncompleteReadError):
            while (message := await self._message(reader)) is not None:
                self.heard.append(message.get("method"))
                writer.write(self._answer(message))
                if self.heard[-1] == "initialize":
                    await reader.read(1)
                    break
        writer.close()

    async def _message(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        size = re.search(rb"content-length: (\d+)", head.lower())
        return json.loads(await reader.readexactly(int(size[1]))) if size else {}

    def _answer(self, message):
        results = {"initialize": {"protocolVersion": "2025-11-25", "capabilities": {}}, "tools/call": OK}
        if (result := results.get(message.get("method"))) is None:
            status = "202 Accepted" if "method" in message and "id" not in message else "405 No"
            return f"HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n".encode()
        body = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
        return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


@pytest.mark.requirement("base:answer.own")
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("id_", [7777, "1", None])
@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_a_result_that_belongs_to_another_request_answers_none(meet, era, id_, streamed):
    """Two answers to one request, the second of which comes when the connection is somebody else's."""

    async def answer(params, request):
        if streamed:
            await request.event(id=id_, result=OK)
            await request.end()
        else:
            await request.rpc(id=id_, result=OK)

    peer = await meet(Scripted(era, tools_call=answer))
    with pytest.raises(UpstreamError, match="another request"):
        await told(peer, name="t")


@pytest.mark.requirement("modern:stream.no-requests")
async def test_what_a_modern_server_must_not_ask_in_a_stream_reaches_nobody(meet):
    async def answer(params, request):
        await request.event(id="q", method="roots/list", params={})
        await request.event(method="notifications/x", params={})
        await request.event(id=request.id, result=OK)
        await request.end()

    peer = await meet(Scripted("modern", tools_call=answer))
    heard, last = [part async for part in await peer.call(call(name="t"))]
    assert (heard.method, bytes(last.value)) == ("notifications/x", b'{"content": []}')


@pytest.mark.parametrize("capabilities", [{}, {"roots": raw({})}])
async def test_a_handshake_survives_a_connection_that_ends_between_its_messages(capabilities):
    server, tasks, limits = Closing(), Tasks(), Limits()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/mcp"
    peer = HttpPeer("s", HttpPool(Origin.parse(url), limits=limits), [], limits, tasks, lambda _kind: None)
    try:
        asked = call(era=Era.LEGACY, name="t")
        asked.capabilities, asked.session = capabilities, "one" if capabilities else None
        assert json.loads(bytes((await answer_of(await peer.call(asked))).value)) == OK
        assert server.heard.count("tools/call") == 1
    finally:
        await peer.aclose(0)
        await tasks.aclose()
        listener.close()


UNKNOWN_SESSION = {
    "404, nothing": lambda r: r.send(404, b""),
    "404, text": lambda r: r.send(404, b"Session not found"),
    "404, no id": lambda r: r.rpc(status=404, error={"code": -32001, "message": "Session not found"}, id=None),
    "404, an id of the SDK": lambda r: r.rpc(status=404, error={"code": -32600, "message": "m"}, id="server-error"),
    "404, the request's id": lambda r: r.rpc(status=404, error={"code": -32600, "message": "Session not found"}),
    "404, the request's id and another code": lambda r: r.rpc(status=404, error={"code": -32001, "message": "Session not found"}),
    "400, no id": lambda r: r.rpc(status=400, error={"code": -32000, "message": "No valid session ID provided"}, id=None),
    "400, text": lambda r: r.send(400, b"Invalid session"),
}


@pytest.mark.requirement("legacy:session.unknown")
@pytest.mark.parametrize("words", UNKNOWN_SESSION)
async def test_a_session_that_the_server_has_forgotten_is_opened_anew(meet, words):
    """Servers have many words for it; after a restart of such a server the call must not fail for ever."""
    valid = "s-1"

    def answer(params, request):
        return OK if request.headers["mcp-session-id"] == valid else UNKNOWN_SESSION[words](request)

    server = Scripted("legacy", tools_call=answer)
    peer = await meet(server)
    assert json.loads(await told(peer)) == {"content": [], "resultType": "complete"}
    server.session = valid = "s-2"
    assert b"content" in await told(peer)
    assert len(server.of("initialize")) == 2
    assert peer.changes_heard == ["tools", "prompts", "resources"], "it may be another server"


async def test_who_hears_late_that_a_session_is_over_does_not_end_the_one_after(meet):
    late, begun = asyncio.Event(), asyncio.Event()

    async def answer(params, request):
        if request.headers["mcp-session-id"] == server.session:
            return OK
        if params["name"] == "late":
            begun.set()
            await late.wait()
        return await request.send(404, b"")

    server = Scripted("legacy", tools_call=answer)
    peer = await meet(server)
    await peer.hello(soon())
    server.session = "s-2"
    waiting = asyncio.create_task(told(peer, name="late"))
    await begun.wait()
    assert b"content" in await told(peer, name="early")
    late.set()
    assert b"content" in await waiting
    assert len(server.of("initialize")) == 2


@pytest.mark.parametrize("words", UNKNOWN_SESSION)
async def test_a_session_of_one_clients_own_is_opened_anew_as_well(meet, words):
    valid = "s-1"

    def answer(params, request):
        return OK if request.headers["mcp-session-id"] == valid else UNKNOWN_SESSION[words](request)

    server = Scripted("legacy", tools_call=answer)
    peer = await meet(server)
    roots = Call("tools/call", {}, Era.LEGACY, soon(), capabilities={"roots": raw({})}, session="client")
    assert json.loads(bytes((await answer_of(await peer.call(roots))).value)) == OK
    greeted = len(server.of("initialize"))
    server.session = valid = "s-2"
    assert json.loads(bytes((await answer_of(await peer.call(roots))).value)) == OK
    assert len(server.of("initialize")) == greeted + 1


async def test_who_subscribes_in_a_session_that_is_forgotten_hears_so_and_the_next_one_gets_a_new_one(meet):
    valid = "s-1"

    def answer(params, request):
        return {} if request.headers["mcp-session-id"] == valid else UNKNOWN_SESSION["404, the request's id"](request)

    server = Scripted("legacy", tools_call=OK, resources_subscribe=answer)
    peer = await meet(server)
    assert b"content" in await told(peer)
    server.session = valid = "s-2"
    with pytest.raises(UpstreamError, match="404"):
        await peer.subscribe("a://b", lambda uri: None, soon())
    await peer.subscribe("a://b", lambda uri: None, soon())
    assert len(server.of("initialize")) == 2


async def test_a_server_without_sessions_can_have_lost_none(meet):
    error = {"code": -32600, "message": "I do not like it"}
    server = Scripted("legacy", tools_call=lambda p, r: r.rpc(status=404, error=error))
    server.session = None
    assert b"I do not like it" in await told(await meet(server))
    assert len(server.of("tools/call")) == 1


@pytest.mark.parametrize("words", UNKNOWN_SESSION)
async def test_a_server_that_forgets_each_session_at_once_is_told_so(meet, words):
    server = Scripted("legacy", tools_call=lambda p, r: UNKNOWN_SESSION[words](r))
    peer = await meet(server)
    with pytest.raises(UpstreamError) as fault:
        await told(peer)
    assert (fault.value.reason, fault.value.message) == (Reason.INVALID, f"answered with HTTP status {words[:3]}")
    assert len(server.of("initialize")) == 2


@pytest.mark.parametrize("status", [400, 404, 200])
async def test_a_refusal_of_the_call_itself_is_the_answer(meet, status):
    error = {"code": -32602, "message": "no such tool"}
    server = Scripted("legacy", tools_call=lambda p, r: r.rpc(status=status, error=error))
    assert b"no such tool" in await told(await meet(server))
    assert len(server.of("tools/call")) == 1


@pytest.mark.parametrize(("before", "after"), [("modern", "legacy"), ("legacy", "modern")])
@pytest.mark.parametrize("route", ["one", "all"])
async def test_a_server_that_is_replaced_by_one_of_the_other_era_is_served_on(before, after, route):
    """By a rollout, say: no connection breaks, and no client has to know."""
    servers = {era: Scripted(era, tools_call={"content": [], "era": era}, tools_list={"tools": []}) for era in (before, after)}
    now = before

    async def app(scope, receive, send):
        await servers[now](scope, receive, send)

    async with hosted(app) as url, running({"s": {"url": url}}) as gateway, http() as client:
        target, name = gateway.mcp("s" if route == "one" else None), "t" if route == "one" else "s__t"
        modern = ModernAsker(client, target)
        assert (await modern.result("tools/call", {"name": name}))["era"] == before
        now = after
        assert (await modern.result("tools/call", {"name": name}))["era"] == after
        legacy = await LegacyAsker(client, target).begin()
        assert (await legacy.result("tools/call", {"name": name}))["era"] == after


@pytest.mark.parametrize("status", [400, 404, 405, 406, 415, 422, 500, 501])
async def test_a_server_that_makes_nothing_of_a_question_is_asked_for_a_handshake(meet, status):
    server = Scripted("legacy")
    answer = server.answer

    async def odd(request):
        await (request.send(status, b"?") if request.method == "server/discover" else answer(request))

    server.answer = odd
    assert (await (await meet(server)).hello(soon())).era is Era.LEGACY


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_server_that_is_down_is_not_taken_for_a_legacy_one(meet, status):
    server = Scripted("modern", server_discover=lambda p, r: r.send(status, b"?"))
    with pytest.raises(UpstreamError, match=f"answered with HTTP status {status}"):
        await (await meet(server)).hello(soon())
    assert server.of("initialize") == []


async def test_a_server_of_a_later_revision_only_is_told_apart(meet):
    data = {"supported": ["2099-01-01"], "requested": MODERN}
    error = {"code": -32022, "message": "Unsupported protocol version", "data": data}
    server = Scripted("modern", server_discover=lambda p, r: r.rpc(status=400, error=error))
    with pytest.raises(UpstreamError) as fault:
        await (await meet(server)).hello(soon())
    assert (fault.value.reason, fault.value.message) == (Reason.UNSUPPORTED, "speaks only the revisions 2099-01-01")


@pytest.mark.parametrize("refusals", [1, 2])
async def test_a_server_that_refuses_our_revision_and_names_it_is_asked_once_more(meet, refusals):
    error = {"code": -32022, "message": "Unsupported protocol version", "data": {"supported": [MODERN], "requested": MODERN}}
    server = Scripted("modern")
    answer = server.answer

    async def odd(request):
        nth = len(server.of("server/discover"))
        await (request.rpc(status=400, error=error) if nth <= refusals and request.method == "server/discover" else answer(request))

    server.answer = odd
    peer = await meet(server)
    if refusals == 1:
        assert (await peer.hello(soon())).era is Era.MODERN
    else:
        with pytest.raises(UpstreamError, match=f"speaks only the revisions {MODERN}"):
            await peer.hello(soon())
    assert len(server.of("server/discover")) == 2


@pytest.mark.requirement("aggregate:era.once")
async def test_all_who_wait_share_one_negotiation_and_its_failure(meet):
    gate = asyncio.Event()

    async def slow(params, request):
        await gate.wait()
        return await request.send(503, b"?")

    server = Scripted("modern", server_discover=slow)
    peer = await meet(server)
    waiting = [asyncio.create_task(peer.hello(soon())) for _ in range(10)]
    await until(lambda: server.of("server/discover"))
    gate.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {str(outcome) for outcome in outcomes} == {"answered with HTTP status 503"}
    assert len(server.of("server/discover")) == 1
    assert not peer.connected


async def test_a_call_that_takes_too_long_is_cancelled_at_a_legacy_server(meet):
    """2025-11-25, basic/lifecycle, timeouts: the sender should issue a cancellation."""
    server = Scripted("legacy", tools_call=lambda p, r: r.left())
    with pytest.raises(UpstreamError) as fault:
        await told(await meet(server, exchange_seconds=0.7))
    assert fault.value.reason is Reason.SILENT
    (sent,) = server.of("tools/call")
    await until(lambda: [note.params["requestId"] for note in server.of("notifications/cancelled")] == [sent.id])


@pytest.mark.requirement("aggregate:deadlines")
async def test_a_stream_that_takes_too_long_is_cancelled_at_a_legacy_server(meet):
    async def drip(params, request):
        await request.event(method="notifications/message", params={"level": "info", "data": 1})
        await request.left()

    server = Scripted("legacy", tools_call=drip)
    with pytest.raises(UpstreamError):
        await told(await meet(server, exchange_seconds=0.7))
    await until(lambda: server.of("notifications/cancelled"))


async def test_a_server_that_breaks_off_needs_no_cancellation(meet):
    async def breaks(params, request):
        await request.event(method="notifications/message", params={"level": "info", "data": 1})
        await request.end()

    server = Scripted("legacy", tools_call=breaks)
    with pytest.raises(UpstreamError, match="ended the exchange without an answer"):
        await told(await meet(server))
    await asyncio.sleep(0.05)
    assert server.of("notifications/cancelled") == []


async def test_the_most_talkative_level_is_asked_of_a_legacy_server_once(meet):
    server = Scripted("legacy", tools_call=OK, logging_setLevel={})
    peer = await meet(server)
    for level in ("warning", "error", None, "debug", "info", "debug"):
        given = call()
        given.log_level = level
        await answer_of(await peer.call(given))
    assert [request.params["level"] for request in server.of("logging/setLevel")] == ["warning", "debug"]


async def test_what_a_legacy_server_asks_in_a_stream_is_declined(meet):
    async def asks(params, request):
        await request.event(id="p", method="ping")
        await request.event(id=7, method="sampling/createMessage", params={})
        await request.event(method="notifications/tools/list_changed")
        await request.event(id=request.id, result=OK)
        await request.end()

    server = Scripted("legacy", tools_call=asks)
    peer = await meet(server)
    await told(peer)
    refusal = {"code": -32601, "message": "the client has not declared what sampling/createMessage needs"}
    answers = [{"jsonrpc": "2.0", "id": "p", "result": {}}, {"jsonrpc": "2.0", "id": 7, "error": refusal}]

    def given():
        return [request.message for request in server.requests if "jsonrpc" in request.message and request.method is None]

    await until(lambda: sorted(given(), key=str) == sorted(answers, key=str), given)
    assert peer.changes_heard == ["tools"]


class Streams(Scripted):
    """A server with a stream of changes, which a test can write to and end."""

    def __init__(self, era):
        super().__init__(era, tools_call=OK)
        self.open = []
        capabilities = {kind: {"listChanged": True} for kind in ("tools", "prompts")}
        self.answers["server/discover" if era == "modern" else "initialize"] |= {"capabilities": capabilities}
        self.answers["subscriptions/listen"] = self.stream
        self.refuse = None

    async def stream(self, params, request):
        forgotten = self.era == "legacy" and request.headers["mcp-session-id"] != self.session
        if self.refuse is not None or forgotten:
            return await request.send(self.refuse or 404, b"")
        await request.event(method="notifications/subscriptions/acknowledged", params={})
        ended = asyncio.Event()
        self.open.append((request, ended))
        await ended.wait()
        await request.end()
        return None

    async def answer(self, request):
        if request.http == "GET":
            await self.stream({}, request)
        else:
            await super().answer(request)

    async def change(self, kind):
        await self.open[-1][0].event(method=f"notifications/{kind}/list_changed")


@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_a_stream_that_ends_is_opened_again_and_everything_counts_as_changed(meet, era):
    server = Streams(era)
    peer = await meet(server)
    await peer.hello(soon())
    await until(lambda: len(server.open) == 1)
    await server.change("tools")
    await until(lambda: peer.changes_heard == ["tools"])
    peer.changes_heard.clear()
    server.open[0][1].set()
    await until(lambda: len(server.open) == 2)
    kinds = ["tools", "prompts"] if era == "modern" else ["tools", "prompts", "resources"]
    await until(lambda: peer.changes_heard == kinds)
    if era == "modern":
        (first, _) = server.of("subscriptions/listen")
        assert first.params["notifications"] == {"toolsListChanged": True, "promptsListChanged": True}
    for _, ended in server.open:
        ended.set()


@pytest.mark.parametrize("era", ["modern", "legacy"])
@pytest.mark.parametrize("status", [404, 405])
async def test_a_server_without_a_stream_is_asked_once(meet, era, status):
    server = Streams(era)
    server.refuse = status
    peer = await meet(server)
    await peer.hello(soon())
    await until(peer._listener.done)
    asked = server.of("subscriptions/listen") if era == "modern" else [r for r in server.requests if r.http == "GET"]
    assert len(asked) == 1


async def test_a_server_that_lost_the_session_of_its_stream_is_greeted_again(meet):
    """Nobody calls it, and yet those who listen must hear of what changed with its restart."""
    server = Streams("legacy")
    peer = await meet(server)
    await peer.hello(soon())
    await until(lambda: server.open)
    server.session = "s-2"
    server.open[0][1].set()
    await until(lambda: len(server.open) == 2)
    assert len(server.of("initialize")) == 2
    assert set(peer.changes_heard) == {"tools", "prompts", "resources"}
    for _, ended in server.open:
        ended.set()


@pytest.mark.requirement("legacy:session.ended")
async def test_the_end_of_a_session_is_told(meet):
    server = Scripted("legacy")
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(hosted(server))
        tasks, limits = Tasks(), Limits()
        peer = HttpPeer("s", HttpPool(Origin.parse(url), limits=limits), [], limits, tasks, print)
        await peer.hello(soon())
        await peer.aclose(1.0)
        assert [(r.http, r.headers["mcp-session-id"]) for r in server.requests if r.http == "DELETE"] == [("DELETE", "s-1")]
        await tasks.aclose()


async def test_an_answer_is_the_end_of_a_stream_that_goes_on(meet):
    async def babbles(params, request):
        await request.event(id=request.id, result=OK)
        await request.left()

    server = Scripted("modern", tools_call=babbles)
    peer = await meet(server)
    assert json.loads(await told(peer)) == OK
    await until(lambda: peer.pool.connected <= 1)
