"""A server that is replaced while clients call it, by one of another era or transport: by a rollout, say, and back again."""

import asyncio

import pytest

from tests.serve import sse_pair
from tests.serve.asking import LegacyAsker, ModernAsker, http, messages
from tests.serve.running import SOON, hosted, running, until
from tests.serve.scripted import MODERN, Scripted

CHANGES = [
    ("modern", "legacy", "modern", "legacy"),
    ("legacy", "pair", "legacy"),
    ("modern", "pair", "modern"),
    ("pair", "legacy", "modern", "pair"),
]
ROUTES = {"one": "s", "all": None, "guarded": "g"}
BURST = 20


def content(era):
    return {"content": [{"type": "text", "text": era}]}


class Rollout:
    """One address. Whoever is behind it `now` answers; a call of `hang` is answered when `let_go` is set, by whoever got it."""

    def __init__(self, now):
        self.now = now
        self.let_go = asyncio.Event()
        self.hanging = 0
        listed = {
            era: [{"name": name, "inputSchema": {"type": "object"}} for name in ("t", era)] for era in ("legacy", "modern", "pair")
        }
        self.servers = {
            era: Scripted(
                era, tools_call=self.called(era), tools_list={"tools": listed[era], "ttlMs": 60_000, "cacheScope": "public"}
            )
            for era in ("modern", "legacy")
        }
        said = {
            "tools/call": lambda message: [sse_pair.said(id=message["id"], result=content("pair"))],
            "tools/list": lambda message: [sse_pair.said(id=message["id"], result={"tools": listed["pair"]})],
        }
        self.servers["pair"] = sse_pair.Scripted(answers=said)

    def called(self, era):
        async def answer(params, request):
            if params.get("arguments", {}).get("hang"):
                self.hanging += 1
                await self.let_go.wait()
            return content(era)

        return answer

    async def __call__(self, scope, receive, send):
        await self.servers[self.now](scope, receive, send)

    def become(self, era):
        """The one before goes, and with it the streams that it has open."""
        for stream in self.servers["pair"].streams:
            stream.put_nowait(None)
        self.now = era


def named(route, name):
    return f"s__{name}" if route == "all" else name


def configured(url):
    return running({"s": {"url": url}, "g": {"url": url, "validation": {"arguments": "enforce"}}})


async def text(client, name, **arguments):
    return (await client.result("tools/call", {"name": name, "arguments": arguments}))["content"][0]["text"]


async def lists(client, route):
    return [
        tool["name"] for tool in (await client.result("tools/list"))["tools"] if route != "all" or tool["name"].startswith("s__")
    ]


@pytest.mark.requirement("aggregate:era.once")
@pytest.mark.parametrize("changes", CHANGES, ids="-".join)
@pytest.mark.parametrize("route", ROUTES)
async def test_each_change_is_found_out_once_and_no_call_is_lost_over_it(changes, route):
    rollout = Rollout(changes[0])
    async with hosted(rollout) as url, configured(url) as gateway, http() as client:
        server = gateway.gateway.servers["g" if route == "guarded" else "s"]
        modern = ModernAsker(client, gateway.mcp(ROUTES[route]))
        for nth, era in enumerate(changes, 1):
            was_pair = nth > 1 and rollout.now == "pair"
            rollout.become(era)
            if was_pair:  # the end of its stream is noticed without a call
                await until(lambda: not server.is_connected())
            async with asyncio.timeout(SOON):
                answers = await asyncio.gather(*(text(modern, named(route, "t")) for _ in range(BURST)))
            assert answers == [era] * BURST
            assert server.connects() == nth
            assert await lists(modern, route) == [named(route, name) for name in ("t", era)], "the lists are the new server's"


@pytest.mark.parametrize("route", ["all", "guarded"])
async def test_a_session_of_ours_outlives_each_change(route):
    rollout = Rollout("legacy")
    async with hosted(rollout) as url, configured(url) as gateway, http() as client:
        legacy = await LegacyAsker(client, gateway.mcp(ROUTES[route])).begin()
        for era in ("legacy", "modern", "legacy", "pair"):
            rollout.become(era)
            assert await text(legacy, named(route, "t")) == era
            assert await lists(legacy, route) == [named(route, name) for name in ("t", era)]


@pytest.mark.parametrize(("before", "after"), [("modern", "legacy"), ("legacy", "modern"), ("legacy", "pair")])
@pytest.mark.parametrize("asker", [LegacyAsker, ModernAsker])
@pytest.mark.parametrize("route", ["all", "guarded"])
async def test_a_call_in_flight_is_answered_by_the_server_that_has_it(before, after, asker, route):
    rollout = Rollout(before)
    async with hosted(rollout) as url, configured(url) as gateway, http() as client:
        early, late = (asker(client, gateway.mcp(ROUTES[route])) for _ in range(2))
        if asker is LegacyAsker:
            await early.begin()
            await late.begin()
        call = asyncio.create_task(text(early, named(route, "t"), hang=True))
        await until(lambda: rollout.hanging)
        rollout.become(after)
        assert await text(late, named(route, "t")) == after
        rollout.let_go.set()
        async with asyncio.timeout(SOON):
            assert await call == before


@pytest.mark.parametrize("route", ROUTES)
async def test_a_server_that_moves_on_to_a_revision_that_nobody_knows_is_a_clear_error_until_it_is_back(route):
    rollout = Rollout("modern")
    data = {"supported": ["2099-01-01"], "requested": MODERN}
    error = {"code": -32022, "message": "Unsupported protocol version", "data": data}

    async def refuse(scope, receive, send):
        class Later(Scripted):
            async def answer(self, request):
                await request.rpc(status=400, error=error)

        await Later("modern")(scope, receive, send)

    rollout.servers["later"] = refuse
    async with hosted(rollout) as url, configured(url) as gateway, http() as client:
        modern = ModernAsker(client, gateway.mcp(ROUTES[route]))
        call = {"name": named(route, "t"), "arguments": {}}
        assert await text(modern, named(route, "t")) == "modern"
        rollout.become("later")
        answered = messages(await modern.ask("tools/call", call))[-1]["error"]
        if route == "one":  # passed through: the client of the same revision is told by the server itself
            assert answered["data"]["supported"] == ["2099-01-01"]
        else:
            assert "speaks only the revisions 2099-01-01" in answered["message"]
        rollout.become("modern")
        assert await text(modern, named(route, "t")) == "modern"


@pytest.mark.parametrize("version", ["2025-06-18", "2025-03-26", "2024-11-05"])
async def test_a_legacy_server_that_speaks_another_revision_than_before_is_greeted_anew(version):
    rollout = Rollout("legacy")
    server = rollout.servers["legacy"]
    strict = server.answer

    async def answer(request):
        spoken = server.answers["initialize"]["protocolVersion"]
        if request.http == "POST" and request.headers.get("mcp-protocol-version", spoken) != spoken:
            return await request.rpc(status=400, id="server-error", error={"code": -32600, "message": "Bad Request"})
        return await strict(request)

    server.answer = answer
    async with hosted(rollout) as url, configured(url) as gateway, http() as client:
        modern = ModernAsker(client, gateway.mcp())
        assert await text(modern, "s__t") == "legacy"
        server.answers["initialize"] = {**server.answers["initialize"], "protocolVersion": version}
        async with asyncio.timeout(SOON):
            answers = await asyncio.gather(*(text(modern, "s__t") for _ in range(BURST)))
        assert answers == ["legacy"] * BURST
        assert gateway.gateway.servers["s"].connects() == 2
        assert gateway.gateway.servers["s"].connection.known.version == version


async def test_a_legacy_client_talks_to_the_server_itself_again_once_there_is_a_handshake_again():
    rollout = Rollout("modern")
    async with hosted(rollout) as url, running({"s": {"url": url}}) as gateway, http() as client:
        bridged = await LegacyAsker(client, gateway.mcp("s")).begin()
        assert await text(bridged, "t") == "modern"
        rollout.become("legacy")
        assert await text(bridged, "t") == "legacy"
        relayed = await LegacyAsker(client, gateway.mcp("s")).begin()
        greetings = rollout.servers["legacy"].of("initialize")
        assert [greeting.params["clientInfo"]["name"] for greeting in greetings] == ["mcp-stack-proxy", "t"]
        assert await text(relayed, "t") == "legacy"
        assert await text(bridged, "t") == "legacy"
