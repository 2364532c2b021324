"""A stack reached from outside through a real controller, Traefik, by Gateway API and by Ingress: what it makes of our objects."""

import asyncio
import threading
import time
import warnings
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import ResourceUpdatedNotification

from tests.e2e.cli import Cli
from tests.e2e.controllers import traefik
from tests.e2e.controllers.authority import Authority
from tests.e2e.controllers.clients import SECONDS, Outside, legacy_stream, modern_stream
from tests.e2e.controllers.exposed import (
    BARE,
    CERTIFICATES,
    GATEWAY,
    LIMIT,
    LIMITED,
    NAMESPACE,
    NOTES,
    PAGE,
    REPLICAS,
    STACK,
    diagnosed,
    stack,
)
from tests.e2e.controllers.network import network_of
from tests.e2e.controllers.node import Node
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.project import KEY, Copy
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT

QUIET_SECONDS = 65
"""More than a minute, at which Traefik ends what it has not read to its end, unless it is told otherwise."""

INGRESSES = ("gateway--inner", "notes--inner", "bare--inner", "bare--limited-inner")
LISTENERS = ("https-47287a8f", "https-59be1298")

LARGE = 3_000_000
NOTE = "note://one"

eras = pytest.mark.parametrize("era", ["auto", "legacy"])
ways = pytest.mark.parametrize("way", [0, 1], ids=["gateway-api", "ingress"])


@pytest.fixture(scope="module")
def network(cluster):
    return network_of(cluster)


@pytest.fixture(scope="module")
def controller(network, cluster, api, definitions, tmp_path_factory):
    """Traefik, with its classes and the definitions of its own kinds, which are gone afterwards."""
    traefik.program()
    kinds = list(traefik.definitions())
    for one in [*kinds, *traefik.OBJECTS]:
        api.apply(one, "e2e", force=True)
    with traefik.forwarding(network, cluster.kubeconfig, tmp_path_factory.mktemp("traefik") / "log"):
        yield
    for one in [*traefik.OBJECTS, *kinds]:
        api.delete(api.path_of(one))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    copy = Copy(ROOT, "staging", tmp_path_factory.mktemp("exposed") / "project")
    return copy.as_stack(STACK, {"pulumi:disable-default-providers": ["kubernetes"], KEY: stack("absent")})


@pytest.fixture(scope="module")
def cli(controller, project, provider, endpoint, pulumi_home, hosts):
    found = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-exposed"), provider[1]), hosts)
    found.must("stack", "init", STACK)
    yield found
    found.destroy(STACK)


@pytest.fixture(scope="module")
def node(network, api, tmp_path_factory):
    with Node(api, network, NAMESPACE, tmp_path_factory.mktemp("node")) as found:
        yield found


@pytest.fixture(scope="module")
def looks(node, cli, project, api):
    """What `diagnose` says while nobody has the classes, then without certificates, and when all is there."""
    cli.up(STACK)
    node.ready(REPLICAS)
    found = {"absent": diagnosed(project.directory)}
    project.write(stack(traefik.CLASS))
    cli.up(STACK)
    until(lambda: served(api), SECONDS, "the Gateway and every Ingress to have an address")
    found["uncertified"] = diagnosed(project.directory)
    return found


def served(api):
    """Whether the controller has looked at all of them."""
    gateways = api.list("gateway.networking.k8s.io/v1", "Gateway", NAMESPACE)
    ingresses = api.list("networking.k8s.io/v1", "Ingress", NAMESPACE)
    addresses = [one.get("status", {}).get("loadBalancer", {}).get("ingress") for one in ingresses]
    return all(addresses) and all("listeners" in one.get("status", {}) for one in gateways)


@pytest.fixture(scope="module")
def outside(looks, network, api, tmp_path_factory):
    """Clients far from the cluster, once there are certificates."""
    authority = Authority()
    for name, hosts in CERTIFICATES.items():
        api.apply(authority.secret(NAMESPACE, name, *hosts), "e2e")
    found = Outside(network.address, authority.trusted(tmp_path_factory.mktemp("authority")))
    urls = [*GATEWAY, *NOTES, *(f"{base}/mcp" for base in BARE)]
    until(lambda: asyncio.run(answered(found, urls)), SECONDS, "an answer of every host that its certificate is good for")
    return found


async def answered(outside, urls):
    """Whether whoever asks at each URL is answered by more than the controller."""
    async with outside.http() as http:
        try:
            return all([(await http.options(url)).status_code not in (404, 500, 502, 503, 504) for url in urls])
        except httpx2.ConnectError:  # another certificate than the host's
            return False


class Quiet(threading.Thread):
    """Streams on which nothing is said for a while: how long each was open, and what came in the end."""

    def __init__(self, outside):
        super().__init__(daemon=True)
        self._outside = outside
        self.heard = {}

    def run(self):
        asyncio.run(self._watch())

    async def _watch(self):
        async with self._outside.http(None) as http, asyncio.TaskGroup() as group:
            for era, opened in (("legacy", legacy_stream), ("auto", modern_stream)):
                for way, url in enumerate(GATEWAY):
                    group.create_task(self._keep((era, way), opened(http, url)))
            for way, base in enumerate(BARE):
                group.create_task(self._keep(("silent", way), http.stream("GET", f"{base}/quiet/{way}")))
            await asyncio.sleep(QUIET_SECONDS)
            for way, base in enumerate(BARE):
                while ("silent", way) not in self.heard:  # whichever pod has it
                    await http.post(f"{base}/quiet/{way}")
                    await asyncio.sleep(0.1)

    async def _keep(self, name, opened):
        """Until its time is over. A stream that ends before has not been heard for so long."""
        began = time.monotonic()
        async with opened as stream:
            try:
                async with asyncio.timeout(QUIET_SECONDS + (SECONDS if name[0] == "silent" else 1)):
                    said = b"".join([part async for part in stream.aiter_bytes()])
            except TimeoutError:
                said = None
        self.heard[name] = (time.monotonic() - began, said)


@pytest.fixture(scope="module")
def quiet(outside):
    """They are watched while other tests run."""
    found = Quiet(outside)
    found.start()
    return found


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


@ways
@pytest.mark.parametrize("stream", ["legacy", "auto", "silent"])
@pytest.mark.parity("stack.gateway-api", "stack.ingress-streaming")
def test_a_quiet_stream_outlives_the_controllers_time_limits(quiet, stream, way):
    """With the proxy's keep-alives alone, and with nothing at all."""
    quiet.join(QUIET_SECONDS + 2 * SECONDS)
    seconds, said = quiet.heard[stream, way]
    assert seconds >= QUIET_SECONDS
    assert said == (b"data: spoken\n\n" if stream == "silent" else None)
