"""Single requests and what they are answered with: status, error code, headers. On both routes, guarded and not, over raw HTTP."""

import base64
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.serve.asking import BOTH, META, MODERN, Asker, LegacyAsker, ModernAsker, http, messages
from tests.serve.running import hosted, running
from tests.serve.sample import sample

pytestmark = pytest.mark.asyncio(loop_scope="module")

ECHO = {"arguments": {"nonce": "n"}}
UNKNOWN = "1999-01-01"
GUARD = {"tools": {"allow": ["*"], "deny": ["hang"]}, "validation": {"arguments": "enforce", "results": "enforce"}}
REVISIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def gateway():
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(hosted(sample().streamable_http_app()))
        yield await stack.enter_async_context(running({"dual": {"url": url}, "guarded": {"url": url, **GUARD}}))


@pytest.fixture(params=["dual", "guarded"])
def server(request):
    return request.param


@pytest.fixture
def relayed(server, route):
    """Whether the server itself answers, as far as the request can be passed on."""
    return (server, route) == ("dual", "one")


@pytest.fixture
def url(gateway, server, route):
    return gateway.mcp(server if route == "one" else None)


@pytest.fixture
def echo(server, route):
    return "echo" if route == "one" else f"{server}__echo"


@pytest_asyncio.fixture(loop_scope="module")
async def modern(url):
    async with http() as client:
        yield ModernAsker(client, url)


@pytest_asyncio.fixture(loop_scope="module", params=REVISIONS)
async def legacy(url, request):
    async with http() as client:
        asker = await LegacyAsker(client, url).begin(request.param)
        assert asker.introduction["protocolVersion"] == request.param
        yield asker


@pytest_asyncio.fixture(loop_scope="module")
async def plain(url):
    async with http() as client:
        yield Asker(client, url)


def refused(response, status, code):
    """The error, of a response that has this status and code."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert error["code"] == code, error
    return error


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"mcp_method": None}, "Mcp-Method header does not match the method of the body"),
        ({"mcp_method": "tools/list"}, "Mcp-Method header does not match the method of the body"),
        ({"mcp_method": "TOOLS/CALL"}, "Mcp-Method header does not match the method of the body"),
        ({"mcp_name": None}, "Mcp-Name header does not match params.name of the body"),
        ({"mcp_name": "other"}, "Mcp-Name header does not match params.name of the body"),
        ({"mcp_name": "=?base64?b3RoZXI=?="}, "Mcp-Name header does not match params.name of the body"),
        ({"mcp_name": "=?base64?!?="}, "Mcp-Name header does not match params.name of the body"),
    ],
)
async def test_headers_that_contradict_the_body_are_refused(modern, echo, headers, message):
    response = await modern.ask("tools/call", {"name": echo, **ECHO}, **headers)
    assert refused(response, 400, -32020)["message"] == message


async def test_a_header_given_twice_is_refused(modern, echo):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": echo, "_meta": META, **ECHO}}
    headers = [*modern.headers.items(), ("mcp-protocol-version", MODERN), ("mcp-method", "tools/call")]
    twice = [*headers, ("mcp-name", echo), ("mcp-name", echo)]
    refused(await modern.http.post(modern.url, json=body, headers=twice), 400, -32020)


async def test_a_name_in_base64_is_the_name(modern, echo):
    encoded = f"=?base64?{base64.b64encode(echo.encode()).decode()}?="
    response = await modern.ask("tools/call", {"name": echo, **ECHO}, mcp_name=encoded)
    assert response.status_code == 200
    assert messages(response)[-1]["result"]["structuredContent"]["result"].endswith(": n")


async def test_an_unknown_revision_is_told_which_are_known(modern, echo):
    meta = {"io.modelcontextprotocol/protocolVersion": UNKNOWN}
    response = await modern.ask("tools/call", {"name": echo, **ECHO}, meta=meta, mcp_protocol_version=UNKNOWN)
    data = refused(response, 400, -32022)["data"]
    assert data == {"supported": [MODERN], "requested": UNKNOWN}


async def test_a_version_header_that_contradicts_the_body_is_refused(modern):
    refused(await modern.ask("tools/list", mcp_protocol_version=UNKNOWN), 400, -32020)


@pytest.mark.parametrize("missing", [*META, None])
async def test_a_request_without_its_metadata_is_refused(modern, missing):
    meta = {key: value for key, value in META.items() if key != missing and missing}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta} if missing else {}}
    error = refused(await modern.post(body, mcp_protocol_version=MODERN, mcp_method="tools/list"), 400, -32602)
    assert (missing or "params._meta must be an object") in error["message"]


@pytest.mark.requirement("modern:post.message")
async def test_a_response_is_not_for_us(modern):
    response = await modern.post({"jsonrpc": "2.0", "id": 1, "result": {}}, mcp_protocol_version=MODERN)
    refused(response, 400, -32600)


@pytest.mark.requirement("modern:methods.removed")
@pytest.mark.parity("aggregate.all-methods")
@pytest.mark.parametrize("method", ["no/such", "ping", "initialize", "logging/setLevel", "resources/subscribe"])
async def test_a_method_that_the_modern_revision_has_not_is_not_found(modern, method):
    refused(await modern.ask(method, {"level": "debug", "uri": "note://all"}), 404, -32601)


@pytest.mark.parametrize("method", ["no/such", "server/discover", "subscriptions/listen"])
async def test_a_method_that_the_legacy_revision_has_not_is_an_error(legacy, method, relayed):
    if relayed and method != "no/such":
        pytest.skip("the session is the server's, and so is the answer")
    response = await legacy.ask(method, {})
    assert (response.status_code, messages(response)[-1]["error"]["code"]) == (200, -32601)


async def test_an_unknown_resource_is_an_invalid_parameter(modern, server, route):
    uri = "note://no/such/one" if route == "one" else f"{server}+note://no/such/one"
    refused(await modern.ask("resources/read", {"uri": uri}), 400, -32602)


async def test_an_unknown_name_is_an_invalid_parameter_or_the_servers_word(modern, relayed):
    response = await modern.ask("tools/call", {"name": "no-such", **ECHO})
    if relayed:
        assert response.status_code == 200
        assert messages(response)[-1]["result"]["isError"] is True
    else:
        assert refused(response, 400, -32602)["message"] == "Unknown tool: no-such"


@pytest.mark.parametrize("server", ["guarded"], indirect=True)
async def test_a_name_that_is_denied_is_answered_as_one_that_is_not_there(modern, legacy, echo):
    for client, status in ((modern, 400), (legacy, 200)):
        errors = []
        for name in (echo.replace("echo", "hang"), echo.replace("echo", "no-such")):
            response = await client.ask("tools/call", {"name": name, **ECHO})
            errors.append((response.status_code, str(messages(response)[-1]["error"]).replace(name, "NAME")))
        assert errors == [(status, str({"code": -32602, "message": "Unknown tool: NAME"}))] * 2


@pytest.mark.parametrize("server", ["guarded"], indirect=True)
async def test_arguments_that_do_not_fit_are_invalid_parameters(modern, legacy, echo):
    for client, status in ((modern, 400), (legacy, 200)):
        response = await client.ask("tools/call", {"name": echo, "arguments": {"nonce": 7}})
        error = messages(response)[-1]["error"]
        assert (response.status_code, error["code"]) == (status, -32602)
        assert "/nonce" in str(error)


async def test_a_cursor_that_nobody_gave_out_is_an_invalid_parameter_or_the_servers_business(modern, route):
    response = await modern.ask("tools/list", {"cursor": "garbage"})
    if route == "one":
        assert response.status_code == 200
        assert "tools" in messages(response)[-1]["result"]
    else:
        refused(response, 400, -32602)


@pytest.mark.parametrize("version", [None, "2025-11-25"])
async def test_a_request_of_the_modern_kind_without_its_version_header_is_none(plain, version):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}}
    refused(await plain.post(body, mcp_protocol_version=version, mcp_method="tools/list"), 400, -32600)


@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_a_batch_is_refused(request, plain, era):
    headers = {"mcp_protocol_version": MODERN} if era == "modern" else {}
    response = await plain.post(b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]', **headers)
    assert refused(response, 400, -32600)["message"] == "the body must be a single JSON-RPC message"


@pytest.mark.parity("aggregate.transport-http")
@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'{"a":\xff}', b"\xff\xfe", b'{"a":' * 100_000])
@pytest.mark.parametrize("version", [MODERN, None])
async def test_a_body_that_is_no_json_is_refused(plain, body, version):
    error = refused(await plain.post(body, mcp_protocol_version=version), 400, -32700)
    assert error["message"] == "the body is not valid JSON"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"id":1,"method":"ping"}', 'jsonrpc must be "2.0"'),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', "id must be a string or an integer"),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', "id must be a string or an integer"),
        (b'{"jsonrpc":"2.0","id":1,"method":7}', "method must be a string"),
        (b'{"jsonrpc":"2.0","id":1}', "a message needs a method, a result or an error"),
        (b'"text"', "the body must be a single JSON-RPC message"),
    ],
)
async def test_json_that_is_no_message_is_refused(plain, body, message):
    assert refused(await plain.post(body), 400, -32600)["message"] == message


async def test_params_in_a_list_are_refused(plain):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": [1]}
    response = await plain.post(body, mcp_protocol_version=MODERN, mcp_method="tools/list")
    assert refused(response, 400, -32602)["message"] == "params must be an object"


@pytest.mark.requirement("security:origin")
async def test_a_page_of_another_origin_may_not_call(modern):
    response = await modern.ask("tools/list", origin="https://evil.example")
    assert (response.status_code, response.text) == (403, "Invalid Origin header: this page may not call (allowed_origins)\n")


@pytest.mark.requirement("security:host")
async def test_a_host_that_is_not_ours_is_not_served(modern):
    response = await modern.ask("tools/list", host="evil.example")
    assert (response.status_code, response.text) == (421, "Invalid Host header: not a name of this gateway (allowed_hosts)\n")


@pytest.mark.requirement("modern:session.ignored")
async def test_a_stray_session_id_means_nothing_to_a_modern_request(modern, echo):
    response = await modern.ask("tools/call", {"name": echo, **ECHO}, mcp_session_id="stray", last_event_id="7")
    assert response.status_code == 200
    assert "mcp-session-id" not in response.headers


@pytest.mark.requirement("modern:post.alone")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_the_modern_revision_knows_post_alone(modern, method):
    response = await modern.http.request(method, modern.url, headers={"mcp-protocol-version": MODERN, "accept": BOTH})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "TRACE", "PATCH"])
async def test_other_methods_of_http_are_told_which_there_are(plain, method):
    response = await plain.http.request(method, plain.url)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST, DELETE")


@pytest.mark.requirement("legacy:session.unknown")
async def test_an_unknown_session_has_to_begin_again(legacy):
    for method in ("POST", "GET", "DELETE"):
        headers = {**legacy.headers, "mcp-session-id": "mcp-stack.unknown"}
        body = {"json": {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}} if method == "POST" else {}
        response = await legacy.http.request(method, legacy.url, headers=headers, **body)
        assert response.status_code == 404, method
        assert response.json()["error"]["code"] == -32600


@pytest.mark.requirement("legacy:session.required")
async def test_a_request_without_session_has_to_begin_with_one(plain):
    refused(await plain.ask("tools/list"), 400, -32600)


@pytest.mark.requirement("legacy:version")
@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2099-01-01"])
async def test_a_handshake_agrees_on_a_revision_of_its_era(plain, version):
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    result = messages(await plain.ask("initialize", params))[-1]["result"]
    assert result["protocolVersion"] == ("2025-11-25" if version > MODERN else version)


async def test_a_handshake_without_a_revision_is_refused(plain, relayed):
    if relayed:
        pytest.skip("the handshake is the server's")
    error = refused(await plain.ask("initialize", {}), 200, -32602)
    assert error["message"] == "params.protocolVersion must be a string"


@pytest.mark.requirement("modern:post.accept")
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream", "text/html", ""])
async def test_a_client_has_to_take_both_kinds_of_answer(modern, accept):
    response = await modern.ask("tools/list", accept=accept)
    assert (response.status_code, response.text) == (406, "Accept must list application/json and text/event-stream\n")


@pytest.mark.parametrize("accept", ["*/*", "TEXT/event-stream;q=0.5 , application/JSON"])
async def test_accept_is_read_as_http_has_it(modern, accept):
    assert (await modern.ask("tools/list", accept=accept)).status_code == 200


@pytest.mark.parity("aggregate.transport-http")
@pytest.mark.parametrize("content", ["text/plain", "application/jsonx", "multipart/form-data", None])
async def test_a_body_has_to_say_that_it_is_json(modern, content):
    response = await modern.ask("tools/list", content_type=content)
    assert (response.status_code, response.text) == (415, "Content-Type must be application/json\n")


@pytest.mark.parity("aggregate.transport-http")
@pytest.mark.requirement("modern:post.notification")
async def test_a_notification_is_taken_without_an_answer(modern, legacy):
    note = {"jsonrpc": "2.0", "method": "notifications/anything", "params": {}}
    for response in (
        await modern.post(note, mcp_protocol_version=MODERN, mcp_method="notifications/anything"),
        await legacy.post({**note, "method": "notifications/initialized"}),
    ):
        assert (response.status_code, response.content) == (202, b"")


async def test_a_notification_of_an_unknown_revision_is_refused(modern):
    note = {"jsonrpc": "2.0", "method": "notifications/anything"}
    refused(await modern.post(note, mcp_protocol_version=UNKNOWN, mcp_method="notifications/anything"), 400, -32022)


@pytest.mark.requirement("legacy:session.ended")
async def test_a_session_that_was_ended_is_unknown(legacy):
    assert (await legacy.http.delete(legacy.url, headers=legacy.headers)).status_code == 200
    assert (await legacy.ask("tools/list")).status_code == 404


@pytest.mark.requirement("legacy:stream.wanted")
async def test_a_stream_has_to_be_wanted(legacy):
    response = await legacy.http.get(legacy.url, headers={**legacy.headers, "accept": "application/json"})
    assert response.status_code == 406


async def test_a_slash_at_the_end_of_an_endpoint_makes_no_difference(legacy):
    legacy.url += "/"
    assert refused(await legacy.ask("tools/list", mcp_session_id="none"), 404, -32600)


async def test_accept_may_come_on_several_lines(legacy, relayed):
    if relayed:
        pytest.skip("the server reads it itself")
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = [("content-type", "application/json"), ("accept", "application/json"), ("accept", "text/event-stream")]
    async with http() as client:
        response = await client.post(legacy.url, json=body, headers=headers)
    assert response.status_code == 400  # for want of a session


@pytest.mark.parametrize("path", ["/", "/mcp//", "/MCP", "/servers/none/mcp", "/servers/dual", "/mcp%2f"])
async def test_other_paths_lead_nowhere(gateway, path):
    async with http() as client:
        request = client.build_request("POST", gateway.url, content=b"{}")
        request.url = request.url.copy_with(raw_path=path.encode())
        response = await client.send(request)
    assert (response.status_code, response.text) == (404, "no such path; MCP is at /mcp and /servers/{name}/mcp\n")
