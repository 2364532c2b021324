"""A stack reached from outside through a real controller, Traefik, by Gateway API and by Ingress: what it makes of our objects."""

import asyncio
import warnings
from contextlib import asynccontextmanager

import pytest
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import ResourceUpdatedNotification

from tests.e2e.controllers.clients import SECONDS
from tests.e2e.controllers.exposed import (
    BARE,
    GATEWAY,
    LIMIT,
    LIMITED,
    NAMESPACE,
    NOTES,
    PAGE,
    diagnosed,
)

INGRESSES = ("gateway--inner", "notes--inner", "bare--inner", "bare--limited-inner")
LISTENERS = ("https-47287a8f", "https-59be1298")

LARGE = 3_000_000
NOTE = "note://one"

eras = pytest.mark.parametrize("era", ["auto", "legacy"])
ways = pytest.mark.parametrize("way", [0, 1], ids=["gateway-api", "ingress"])


pytestmark = pytest.mark.usefixtures("quiet")


def briefly(found):
    """Object, condition, and how the next step begins."""
    shown = (one["object"].removeprefix("Gateway ").removeprefix("Ingress ").removeprefix(f"{NAMESPACE}/") for one in found)
    return {(name, one["condition"], one["next_step"].partition(";")[0]) for name, one in zip(shown, found, strict=True)}


@pytest.mark.parity("stack.gateway-api", "stack.diagnose")
def test_diagnose_names_the_classes_that_nobody_serves(looks):
    ingress = "see whether the controller of IngressClass 'absent' runs, and whether its Service has an address"
    gateway = "see whether GatewayClass 'absent' is there and its controller runs"
    assert {one for one in briefly(looks["absent"]) if one[1] != "no certificate"} == {
        ("exposed-shared", "no status", gateway),
        *((f"exposed-{name}", "no address", ingress) for name in INGRESSES),
    }


@pytest.mark.parity("stack.ingress-tls", "stack.diagnose")
def test_diagnose_names_the_certificates_that_are_not_there(looks):
    secret = "create it with `tls.crt` and `tls.key`, or mend `tls.secret`"
    listener = "the listener's certificate is no Secret with `tls.crt` and `tls.key`"
    found = briefly(looks["uncertified"])
    assert {one for one in found if one[0].startswith("exposed-shared/")} == {
        (f"exposed-shared/{name}", "ResolvedRefs=False (InvalidCertificateRef)", listener) for name in LISTENERS
    }
    assert {one for one in found if not one[0].startswith("exposed-shared")} == {
        (f"exposed-{name}", "no certificate", secret) for name in INGRESSES
    }


@pytest.mark.parity("stack.gateway-api", "stack.ingress-tls")
def test_diagnose_says_nothing_once_all_is_there(outside, project):
    assert diagnosed(project.directory) == []


@pytest.mark.parametrize(
    ("url", "era"),
    [*((url, era) for url in (*GATEWAY, *NOTES, f"{BARE[1]}/mcp") for era in ("auto", "legacy")), (f"{BARE[0]}/mcp", "auto")],
)
@pytest.mark.parity("stack.ingress-host", "stack.gateway-api", "stack.ingress-controllers")
async def test_a_client_reaches_gateway_and_servers_by_their_hosts_and_paths(outside, url, era):
    """Sessions of the earlier era are in the memory of one of two pods, so without a cookie they are not to be had."""
    tools = {GATEWAY: "notes__touch", NOTES: "touch"}
    expected = next((name for urls, name in tools.items() if url in urls), "where")
    async with outside.mcp(url, era) as client:
        assert expected in {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.parity("stack.ingress-host")
@pytest.mark.parametrize(
    "url",
    [
        "https://mcp-nobody.exposed.example.com/mcp",
        "https://tools.example.com/mcp",
        "https://tools.example.com/bareback/mcp",
        "https://tools.corp.example/mcp",
        "https://nobody.corp.example/mcp",
    ],
)
async def test_a_host_or_path_that_is_nobodys_leads_nowhere(outside, url):
    async with outside.http() as http:
        answer = await http.post(url, json={})
    assert (answer.status_code, answer.text) == (404, "404 page not found\n")


@pytest.mark.parity("stack.ingress-tls")
async def test_plain_http_only_redirects(outside):
    async with outside.http() as http:
        for url in (*GATEWAY, *NOTES):
            answer = await http.get(url.replace("https:", "http:"))
            assert (answer.status_code, answer.headers["location"]) == (301, url)


@ways
@eras
@pytest.mark.parity("stack.ingress-streaming", "stack.gateway-api")
async def test_each_event_of_a_stream_arrives_before_there_is_another(outside, way, era):
    """The next change is made when the last one has been heard; a controller that kept some back would be waited for in vain."""
    async with following(outside, NOTES[way], era) as (client, heard), asyncio.timeout(SECONDS):
        while heard.empty():  # when a client's own stream has been opened is told to nobody
            await client.call_tool("touch", {"uri": NOTE})
            await asyncio.sleep(0.1)
        while not heard.empty():
            heard.get_nowait()
        for _ in range(5):
            await client.call_tool("touch", {"uri": NOTE})
            assert await heard.get() == NOTE


@asynccontextmanager
async def following(outside, url, era):
    """A client that follows a resource, and what it hears."""
    heard = asyncio.Queue()

    async def hear(message):
        if isinstance(message, ResourceUpdatedNotification):
            heard.put_nowait(str(message.params.uri))

    async with outside.mcp(url, era, message_handler=hear, cache=None) as client:
        if era == "legacy":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MCPDeprecationWarning)
                await client.subscribe_resource(NOTE)
            yield client, heard
            return
        async with client.listen(resource_subscriptions=[NOTE]) as subscription:

            async def follow():
                async for event in subscription:
                    heard.put_nowait(str(event.uri))

            task = asyncio.create_task(follow())
            yield client, heard
            task.cancel()


@ways
@pytest.mark.parity("stack.ingress-controllers")
async def test_large_requests_pass(outside, way):
    async with outside.mcp(f"{BARE[way]}/mcp", "auto") as client:
        answer = await client.call_tool("size", {"text": "x" * LARGE})
    assert answer.structured_content == {"result": LARGE}


@pytest.mark.parity("stack.ingress-controllers")
async def test_a_cookie_keeps_a_client_at_one_pod(outside):
    """A legacy session in memory answers 404 at the other pod; the client that keeps cookies never gets there."""
    addresses = set()
    for _ in range(4):
        async with outside.mcp(f"{BARE[1]}/mcp", "legacy") as client:
            found = {str((await client.call_tool("where", {})).structured_content) for _ in range(6)}
        assert len(found) == 1
        addresses |= found
    assert len(addresses) == 2


@pytest.mark.parity("stack.ingress-controllers", "stack.gateway-api")
@pytest.mark.parametrize("url", [*GATEWAY, *NOTES, *(f"{base}/mcp" for base in BARE)])
async def test_pages_may_call_from_the_origins_that_are_named_and_read_the_session(outside, url):
    """The proxies answer browsers themselves; for the server without one the controller does."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, mcp-session-id"}
    async with outside.http() as http:
        mine = await http.options(url, headers={"Origin": PAGE, **asked})
        theirs = await http.options(url, headers={"Origin": "https://evil.example", **asked})
        read = await http.post(url, headers={"Origin": PAGE}, json={})
    assert mine.status_code in (200, 204)
    assert mine.headers.get_list("access-control-allow-origin") == [PAGE]
    assert {"mcp-session-id", "authorization"} <= listed(mine, "access-control-allow-headers")
    assert "access-control-allow-origin" not in theirs.headers
    assert read.headers.get_list("access-control-allow-origin") == [PAGE]
    assert "mcp-session-id" in listed(read, "access-control-expose-headers")


def listed(answer, header):
    """Names in a header, which may be written in any way."""
    return {name.strip().lower() for name in answer.headers[header].split(",")}


@ways
@pytest.mark.parity("stack.ingress-controllers", "stack.gateway-api")
async def test_requests_over_the_limit_are_refused_before_they_reach_a_pod(outside, way):
    async with outside.http() as http:
        found = [(await http.get(f"{LIMITED[way]}/nothing")).status_code for _ in range(2 * LIMIT)]
    assert found[-1] == 429
    assert 1 <= found.count(404) <= LIMIT
    assert set(found) == {404, 429}
