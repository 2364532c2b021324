"""Tasks of servers, for clients of the same era and of the other, on every route that does not pass messages through unseen."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from mcp_stack_proxy.config.api_keys import entries_text, new_key
from mcp_stack_proxy.serve.relay import Relay
from mcp_stack_proxy.upstream.peer import Call
from mcp_stack_proxy.wire.revisions import Era
from mcp_stack_proxy.wire.task_ids import EXTENSION, RELATED
from tests.deadlines import SOON
from tests.serve.asking import LegacyAsker, ModernAsker, http, legacy, messages, modern
from tests.serve.running import hosted, running
from tests.serve.scripted import CAPABILITIES, Scripted

DECLARED = {"io.modelcontextprotocol/clientCapabilities": {"extensions": {EXTENSION: {}}}}
LINK = {"type": "resource_link", "uri": "note://all", "name": "all"}
DONE = {"content": [LINK], "isError": False}
TASK = {"taskId": "t-1", "status": "working", "ttl": 1000, "x-kept": [1]}
MODERN_TASK = {"taskId": "t-1", "status": "working", "ttlMs": 1000, "x-kept": [1]}


def of_task(answer):
    """`answer` for the task that there is."""

    async def answered(params, request):
        if params["taskId"] == "t-1":
            return answer
        return {"error": {"code": -32602, "message": f"no task {params['taskId']}"}}

    return answered


def legacy_server():
    related = {"_meta": {RELATED: {"taskId": "t-1"}}}

    async def result(params, request):
        await request.event(method="notifications/tasks/status", params={**TASK, "taskId": "somebody-else's"})
        await request.event(method="notifications/tasks/status", params=TASK)
        await request.event(method="notifications/x", params=related)
        await request.event(id=request.id, result={**DONE, **related})
        await request.end()

    return Scripted(
        "legacy",
        tools_call=lambda params, request: {"task": TASK} if "task" in params else DONE,
        tasks_get=of_task(TASK),
        tasks_cancel=of_task({**TASK, "status": "cancelled"}),
        tasks_result=result,
    )


def modern_server():
    def call(params, request):
        wanted = EXTENSION in str(params["_meta"])
        return {"resultType": "task", **MODERN_TASK} if wanted else {"resultType": "complete", **DONE}

    complete = {"resultType": "complete"}
    return Scripted(
        "modern",
        tools_call=call,
        tasks_get=of_task({**complete, **MODERN_TASK, "status": "completed", "result": DONE}),
        tasks_update=of_task(complete),
        tasks_cancel=of_task(complete),
    )


ROUTES = {"guarded": ("s", "t"), "all": (None, "s__t"), "virtual": ("v", "t")}


@asynccontextmanager
async def gateway_of(server, **more):
    async with hosted(server) as url:
        servers = {"s": {"url": url, "validation": {"arguments": "observe"}}}
        async with running(servers, virtual_servers={"v": {"tools": [{"server": "s", "tool": "t"}]}}, **more) as gateway:
            yield gateway


def uri(route):
    return "note://all" if route == "guarded" else "s+note://all"


@pytest.fixture(autouse=True)
def tools(monkeypatch):
    """The guard asks for the list."""
    real = Scripted.__init__

    def make(self, era, **answers):
        real(self, era, tools_list={"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}, **answers)

    monkeypatch.setattr(Scripted, "__init__", make)


@pytest.mark.parametrize("route", ROUTES)
async def test_a_legacy_task_is_created_watched_fetched_and_cancelled(route):
    server, (path, name) = legacy_server(), ROUTES[route]
    async with gateway_of(server) as gateway, legacy(gateway.mcp(path)) as client:
        if route != "guarded":
            assert client.introduction["capabilities"]["tasks"] == {"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}}
            assert "extensions" not in client.introduction["capabilities"]
        created = (await client.result("tools/call", {"name": name, "task": {"ttl": 1000}}))["task"]
        assert created == {**TASK, "taskId": "s+t-1"}
        named = {"taskId": created["taskId"]}
        assert await client.result("tasks/get", named) == created
        result = await client.result("tasks/result", named)
        assert result["_meta"][RELATED] == named
        assert result["content"][0]["uri"] == uri(route)
        assert [message["method"] for message in client.heard] == ["notifications/tasks/status", "notifications/x"]
        assert client.heard[0]["params"] == created
        assert client.heard[1]["params"]["_meta"][RELATED] == named
        assert (await client.result("tasks/cancel", named))["status"] == "cancelled"
        assert {request.params["taskId"] for request in server.requests if (request.method or "").startswith("tasks/")} == {"t-1"}


@pytest.mark.parametrize("route", ROUTES)
async def test_a_modern_task_is_created_watched_answered_and_cancelled(route):
    server, (path, name) = modern_server(), ROUTES[route]
    async with gateway_of(server) as gateway, modern(gateway.mcp(path)) as client:
        offered = (await client.result("server/discover"))["capabilities"]
        assert "tasks" not in offered
        if route != "guarded":
            assert offered["extensions"] == {EXTENSION: {}}
        created = await client.result("tools/call", {"name": name}, meta=DECLARED)
        assert created == {"resultType": "task", **MODERN_TASK, "taskId": "s+t-1"}
        named = {"taskId": "s+t-1"}
        done = await client.result("tasks/get", named, meta=DECLARED, mcp_name="s+t-1")
        assert done["taskId"] == "s+t-1"
        assert done["result"]["content"][0]["uri"] == uri(route)
        assert await client.result("tasks/update", {**named, "inputResponses": {}}, meta=DECLARED) == {"resultType": "complete"}
        assert await client.result("tasks/cancel", named, meta=DECLARED) == {"resultType": "complete"}
        asked = [request for request in server.requests if (request.method or "").startswith("tasks/")]
        assert [request.headers["mcp-name"] for request in asked] == ["t-1"] * 3
        contradicting = await client.ask("tasks/get", named, meta=DECLARED, mcp_name="t-1")
        assert contradicting.json()["error"]["code"] == -32020


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("era", [legacy, modern])
async def test_a_task_that_nobody_was_given_is_unknown(route, era):
    server = legacy_server() if era is legacy else modern_server()
    async with gateway_of(server) as gateway, era(gateway.mcp(ROUTES[route][0])) as client:
        for given in ("t-1", "other+t-1", "", None):
            assert (await client.error("tasks/get", {"taskId": given}))["code"] == -32602
        assert not server.of("tasks/get")


@pytest.mark.parametrize(("era", "method"), [(legacy, "tasks/update"), (modern, "tasks/list"), (modern, "tasks/result")])
@pytest.mark.parametrize("route", ROUTES)
async def test_what_is_of_the_other_era_is_not_there(era, method, route):
    server = legacy_server() if era is legacy else modern_server()
    server.answers[method] = {"tasks": [TASK]}
    async with gateway_of(server) as gateway, era(gateway.mcp(ROUTES[route][0])) as client:
        assert (await client.error(method, {"taskId": "s+t-1"}))["code"] == -32601


@pytest.mark.requirement("tasks:not-asked-for", "tasks:declared")
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("era", "server"), [(legacy, modern_server), (modern, legacy_server)])
async def test_between_the_eras_a_call_is_answered_with_its_result_and_a_task_refused(route, era, server):
    server, (path, name) = server(), ROUTES[route]
    async with gateway_of(server) as gateway, era(gateway.mcp(path)) as client:
        result = await client.result("tools/call", {"name": name, "task": {}}, meta=DECLARED if era is modern else None)
        assert result["content"][0]["name"] == "all"
        assert "task" not in server.of("tools/call")[0].params
        error = await client.error("tasks/get", {"taskId": "s+t-1"})
        assert (error["code"], "no tasks of the caller's revision" in error["message"]) == (-32601, True)


@pytest.mark.requirement("tasks:declared")
async def test_a_modern_task_that_a_legacy_client_cannot_know_is_the_servers_fault():
    server = modern_server()
    server.answers["tools/call"] = {"resultType": "task", **MODERN_TASK}
    async with gateway_of(server) as gateway, legacy(gateway.mcp()) as client:
        error = await client.error("tools/call", {"name": "s__t"})
        assert (error["code"], error["data"]["reason"]) == (-31003, "upstream-invalid")


@pytest.mark.requirement("tasks:same-era")
@pytest.mark.parametrize("asker", [LegacyAsker, ModernAsker])
async def test_a_task_is_its_creators_alone(tmp_path, asker):
    ann, bob = new_key("ann", ["reader"]), new_key("bob", ["reader"])
    file = tmp_path / "keys.yaml"
    file.write_text(entries_text([ann[1], bob[1]]))
    is_legacy = asker is LegacyAsker
    server = legacy_server() if is_legacy else modern_server()
    async with gateway_of(server, authentication={"api_keys": str(file)}) as gateway, http() as client:
        hers, his = asker(client, gateway.mcp()), asker(client, gateway.mcp("s"))
        again = asker(client, gateway.mcp("s"))
        for one, key in ((hers, ann), (his, bob), (again, ann)):
            one.headers["authorization"] = f"Bearer {key[0]}"
            if is_legacy:
                await one.begin()
        meta = None if is_legacy else DECLARED
        created = messages(await hers.ask("tools/call", {"name": "s__t", **({"task": {}} if is_legacy else {})}, meta=meta))[-1]
        id_ = (created["result"]["task"] if is_legacy else created["result"])["taskId"]
        assert "t-1" not in id_
        assert (await hers.result("tasks/get", {"taskId": id_}, meta=meta))["taskId"] == id_
        assert (await again.result("tasks/get", {"taskId": id_}, meta=meta))["taskId"] == id_, "on another endpoint, too"
        for stranger in (id_, "s+t-1"):
            assert (await his.error("tasks/get", {"taskId": stranger}, meta=meta))["message"] == "Unknown task"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("era", [legacy, modern])
async def test_what_is_asked_of_a_task_counts_for_its_server(route, era):
    server = legacy_server() if era is legacy else modern_server()
    async with gateway_of(server, metrics={}) as gateway, era(gateway.mcp(ROUTES[route][0])) as client:
        meta = None if era is legacy else DECLARED
        await client.result("tasks/get", {"taskId": "s+t-1"}, meta=meta)
        await client.error("tasks/get", {"taskId": "nobody+t-1"}, meta=meta)
        text = "".join(gateway.gateway.metrics()())
    calls = [line for line in text.splitlines() if line.startswith("mcp_proxy_calls_total") and 'method="tasks/get"' in line]
    of_server = [line for line in calls if 'server="s"' in line]
    assert sum(float(line.split()[-1]) for line in of_server) == (2 if route == "guarded" else 1)
    assert sum(float(line.split()[-1]) for line in calls) == 2
    assert "t-1" not in text


async def test_the_state_of_a_task_is_told_to_no_other_call():
    async def call(params, request):
        await request.event(method="notifications/tasks/status", params=TASK)
        await request.event(method="notifications/x", params={})
        await request.event(id=request.id, result=DONE)
        await request.end()

    server = legacy_server()
    server.answers["tools/call"] = call
    async with gateway_of(server) as gateway, legacy(gateway.mcp()) as client:
        await client.result("tools/call", {"name": "s__t"})
        assert [message["method"] for message in client.heard] == ["notifications/x"]


async def test_a_relayed_client_has_the_servers_own_ids():
    server = legacy_server()
    async with hosted(server) as url, running({"s": {"url": url}}) as gateway, legacy(gateway.mcp("s")) as client:
        assert isinstance(gateway.gateway.endpoints["/servers/s/mcp"]._relay, Relay)
        assert (await client.result("tools/call", {"name": "t", "task": {}}))["task"] == TASK
        assert await client.result("tasks/get", {"taskId": "t-1"}) == TASK


def counting_server():
    """Each call with a task makes another."""
    made = []

    def call(params, request):
        made.append(f"t-{len(made) + 1}")
        return {"task": {**TASK, "taskId": made[-1], "createdAt": f"2026-01-01T00:00:{len(made):02}Z"}}

    server = Scripted("legacy", tools_call=call, tasks_get=lambda params, request: {**TASK, "taskId": params["taskId"]})
    offered = {**CAPABILITIES, "tasks": {"requests": {"tools": {"call": {}}}}}
    server.answers["initialize"] = {**server.answers["initialize"], "capabilities": offered}
    return server


@pytest.mark.requirement("tasks:list")
@pytest.mark.parametrize("route", ROUTES)
async def test_a_client_is_shown_its_own_tasks(route):
    server, (path, name) = counting_server(), ROUTES[route]
    async with gateway_of(server) as gateway, legacy(gateway.mcp(path)) as one, legacy(gateway.mcp(path)) as another:
        assert "list" in one.introduction["capabilities"]["tasks"]
        made = [(await one.result("tools/call", {"name": name, "task": {}}))["task"]["taskId"] for _ in range(2)]
        other = (await another.result("tools/call", {"name": name, "task": {}}))["task"]["taskId"]
        listed = await one.result("tasks/list")
        assert [task["taskId"] for task in listed["tasks"]] == made
        assert listed["tasks"][0]["x-kept"] == [1]
        assert [task["taskId"] for task in (await another.result("tasks/list"))["tasks"]] == [other]
        assert (await one.error("tasks/list", {"cursor": "x"}))["code"] == -32602
        assert not server.of("tasks/list")


async def test_who_has_said_who_it_is_sees_its_tasks_in_every_session(tmp_path):
    ann, bob = new_key("ann", ["reader"]), new_key("bob", ["reader"])
    file = tmp_path / "keys.yaml"
    file.write_text(entries_text([ann[1], bob[1]]))
    async with gateway_of(counting_server(), authentication={"api_keys": str(file)}) as gateway, http() as client:
        hers, again, his = (LegacyAsker(client, gateway.mcp()) for _ in range(3))
        for one, key in ((hers, ann), (again, ann), (his, bob)):
            one.headers["authorization"] = f"Bearer {key[0]}"
            await one.begin()
        made = (await hers.result("tools/call", {"name": "s__t", "task": {}}))["task"]["taskId"]
        for session, expected in ((hers, [made]), (again, [made]), (his, [])):
            assert [task["taskId"] for task in (await session.result("tasks/list"))["tasks"]] == expected


async def test_a_virtual_server_shows_no_tasks_of_tools_that_it_does_not_have():
    server = counting_server()
    async with hosted(server) as url:
        virtual = {"v": {"tools": [{"server": "s", "tool": "other"}]}, "w": {"tools": [{"server": "s", "tool": "t"}]}}
        async with running({"s": {"url": url}}, virtual_servers=virtual) as gateway, http() as client:
            asker = await LegacyAsker(client, gateway.mcp()).begin()
            await asker.result("tools/call", {"name": "s__t", "task": {}})
            offers = gateway.gateway.virtual
            session = asker.headers["mcp-session-id"]
            for name, count in (("v", 0), ("w", 1)):
                call = Call("tasks/list", {}, Era.LEGACY, asyncio.get_running_loop().time() + SOON, session=session)
                assert len(json.loads(bytes((await offers[name].call(call)).value))["tasks"]) == count
