"""Servers ask their clients, in every combination of eras, on both routes: each client gets its own questions, and only those that
it has declared to answer."""

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import ErrorData

from tests.serve.curious import curious
from tests.serve.eras import legacy_only, modern_only
from tests.serve.person import Person, text
from tests.serve.running import SOON, hosted, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SERVERS = ("legacy", "modern", "older")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:

        def app(name):
            return curious(name).streamable_http_app()

        older = await stack.enter_async_context(hosted(curious("older").sse_app()))
        urls = {
            "legacy": await stack.enter_async_context(hosted(legacy_only(app("legacy")))),
            "modern": await stack.enter_async_context(hosted(modern_only(app("modern")))),
            "older": older.replace("/mcp", "/sse"),
        }
        servers = {name: {"url": url} for name, url in urls.items()}
        here = Path(__file__).parent
        child = {"command": sys.executable, "args": [str(here / "curious.py"), "stdio"]}
        servers["stdio"] = {**child, "process": {"sharing": "session"}}
        servers["shared"] = {"command": sys.executable, "args": [str(here / "curious.py"), "shared"]}
        yield await stack.enter_async_context(running(servers))


@pytest.fixture(params=SERVERS)
def server(request):
    return request.param


@pytest.fixture
def named(server, route):
    return lambda name: name if route == "one" else f"{server}__{name}"


@pytest.fixture
def connect(gateway, server, route, era):
    def client(person=None, **options):
        transport = streamable_http_client(gateway.mcp(server if route == "one" else None))
        callbacks = person.callbacks if person is not None else {}
        return Client(transport, mode=era, read_timeout_seconds=SOON, cache=None, **callbacks, **options)

    return client


@pytest.mark.requirement("mrtr:asked")
@pytest.mark.parametrize(
    ("kind", "asked", "answer"),
    [
        ("sample", "sample {server}: n1", "sample: Ann"),
        ("form", "form {server}: n1", "form: accept Ann"),
        ("visit", "url {server}: n1", "visit: accept None"),
        ("roots", "roots", "roots: ['file:///Ann']"),
    ],
)
async def test_a_question_reaches_the_client_and_its_answer_the_server(connect, named, server, kind, asked, answer):
    ann = Person("Ann")
    async with connect(ann) as client:
        assert text(await client.call_tool(named("ask"), {"kinds": kind, "nonce": "n1"})) == answer
    assert ann.asked == [asked.format(server=server)]


@pytest.mark.requirement("mrtr:keys")
async def test_several_questions_at_once_are_all_answered(connect, named, server):
    ann = Person("Ann")
    async with connect(ann) as client:
        result = await client.call_tool(named("ask"), {"kinds": "sample,form,roots", "nonce": "n2"})
        assert text(result) == "sample: Ann; form: accept Ann; roots: ['file:///Ann']"
    assert sorted(ann.asked) == sorted([f"sample {server}: n2", f"form {server}: n2", "roots"])


async def test_questions_one_after_the_other(connect, named, era, server):
    ann, heard = Person("Ann"), []

    async def progress(done, total, message):
        heard.append(done)

    async with connect(ann) as client:
        result = text(await client.call_tool(named("twice"), {"nonce": "n3"}, progress_callback=progress))
    assert result.replace("_", " ") == "form: accept Ann; form: accept Ann"
    assert ann.asked == ["form n3 1", "form n3 2"]
    if server == "legacy":
        assert heard == [1, 2]


@pytest.mark.parametrize("server", ["legacy"], indirect=True)
async def test_what_is_asked_on_the_stream_of_the_session_belongs_to_the_call(connect, named):
    ann = Person("Ann")
    async with connect(ann) as client:
        assert text(await client.call_tool(named("ask"), {"kinds": "form", "nonce": "n4", "apart": True})) == "form: accept Ann"
    assert ann.asked == ["form legacy: n4"]


@pytest.mark.parity("aggregate.notifications")
async def test_two_clients_at_once_get_their_own_questions(connect, named, server):
    ann, ben = Person("Ann"), Person("Ben")
    async with connect(ann) as one, connect(ben) as two:

        async def asks(client, nonce):
            return text(await client.call_tool(named("ask"), {"kinds": "form,roots", "nonce": nonce}))

        answers = await asyncio.gather(*(asks(client, f"{n}-{i}") for i in range(8) for n, client in (("a", one), ("b", two))))
    assert answers == ["form: accept Ann; roots: ['file:///Ann']", "form: accept Ben; roots: ['file:///Ben']"] * 8
    assert {line for line in ann.asked if line != "roots"} == {f"form {server}: a-{i}" for i in range(8)}
    assert {line for line in ben.asked if line != "roots"} == {f"form {server}: b-{i}" for i in range(8)}


@pytest.mark.requirement("mrtr:declared")
async def test_a_client_that_declares_nothing_is_never_asked(connect, named, server, route, era):
    async with connect() as client:
        if server == "modern":
            try:
                result = await client.call_tool(named("ask"), {"kinds": "form", "nonce": "n5"})
                assert result.is_error
            except (MCPError, RuntimeError):
                pass
            return
        result = text(await client.call_tool(named("ask"), {"kinds": "form,sample", "nonce": "n5"}))
        if not (server == "legacy" and route == "one" and era == "legacy"):  # there the client itself refuses
            assert result.startswith("form: error -32601")
        assert "accept" not in result


@pytest.mark.requirement("modern:capabilities.forwarded")
async def test_the_server_is_told_exactly_what_the_client_has_declared(connect, named, server, route, era):
    async with connect(Person("Ann")) as client:
        declared, _, name = text(await client.call_tool(named("declared"), {})).rpartition(" ")
        assert declared == "['elicitation', 'roots', 'sampling']"
        assert name == "mcp"
    transport_only = {"sampling_callback": Person("Ben").sample}
    async with connect(None, **transport_only) as client:
        assert text(await client.call_tool(named("declared"), {})).startswith("['sampling']")


async def test_an_error_of_the_client_reaches_the_server_unchanged(connect, named, server, era):
    ann = Person("Ann")
    ann.refuses = ErrorData(code=-1, message="User rejected sampling request")
    async with connect(ann) as client:
        if era == "legacy" and server != "modern":
            result = await client.call_tool(named("ask"), {"kinds": "sample", "nonce": "n6"})
            assert text(result) == "sample: error -1 User rejected sampling request"
        else:  # to a modern server there is no such answer: the call is over
            with pytest.raises(MCPError, match="User rejected sampling request"):
                await client.call_tool(named("ask"), {"kinds": "sample", "nonce": "n6"})


@pytest.mark.requirement("modern:codes.legacy")
@pytest.mark.parametrize("server", ["legacy", "older"], indirect=True)
async def test_a_url_that_has_to_be_visited_first(connect, named, era, route, server):
    ann, nonce = Person("Ann"), f"{era} {route} {server}"
    async with connect(ann) as client:
        if era == "legacy":
            with pytest.raises(MCPError) as caught:
                await client.call_tool(named("first_visit"), {"nonce": nonce})
            assert caught.value.error.code == -32042
            assert caught.value.error.data["elicitations"][0]["elicitationId"] == f"e-{nonce}"
        else:
            assert text(await client.call_tool(named("first_visit"), {"nonce": nonce})) == "welcome back"
            assert ann.asked == [f"url {nonce}"]


@pytest.mark.requirement("modern:capabilities.missing")
@pytest.mark.parametrize("server", ["legacy"], indirect=True)
@pytest.mark.parametrize("era", ["2026-07-28"], indirect=True)
async def test_a_url_for_a_client_that_visits_none_is_a_missing_capability(connect, named, route):
    async with connect() as client:
        with pytest.raises(MCPError) as caught:
            await client.call_tool(named("first_visit"), {"nonce": f"none {route}"})
    assert caught.value.error.code == -32021
    assert caught.value.error.data == {"requiredCapabilities": {"elicitation": {"url": {}}}}


@pytest.mark.parametrize("era", ["legacy"], indirect=True)
@pytest.mark.parametrize("server", ["stdio"], indirect=True)
async def test_a_process_of_ones_own_may_ask(connect, named):
    ann, ben = Person("Ann"), Person("Ben")
    async with connect(ann) as one, connect(ben) as two:
        calls = [client.call_tool(named("ask"), {"kinds": "form,roots", "nonce": "n8"}) for client in (one, two)]
        assert [text(result) for result in await asyncio.gather(*calls)] == [
            f"form: accept {name}; roots: ['file:///{name}']" for name in ("Ann", "Ben")
        ]
    assert sorted(ann.asked) == sorted(ben.asked) == ["form stdio: n8", "roots"]


@pytest.mark.parametrize("server", ["shared"], indirect=True)
async def test_a_process_that_all_clients_share_may_ask_nobody(connect, named, server):
    ann = Person("Ann")
    async with connect(ann) as client:
        result = await client.call_tool(named("ask"), {"kinds": "form", "nonce": "n7"})
        assert "accept" not in text(result) or ann.asked == ["form shared: n7"]


async def test_nothing_is_left_when_everyone_has_gone(gateway):
    await gateway.quiet()
    for name in SERVERS:
        own = gateway.gateway.servers[name].connection._own
        of_clients = [held for held in own._all if not held.alone and held.key[0] != "lists"]
        assert of_clients == [], "sessions of clients that have left; lists have theirs by what clients can be asked"
