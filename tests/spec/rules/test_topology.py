import pytest

IMAGE = {"image": {"repository": "acme/x", "tag": "1.0.0"}}
WRAPPED = {"command": ["run"]}
REMOTE = {"url": "https://mcp.example.org/mcp"}


def local(port):
    return {**IMAGE, "local": {"command": ["run"], "port": port}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="valid"),
        pytest.param(
            {"servers": {}},
            ["servers: none is given, so the gateway has nothing to offer; add one, or set `gateway: {enabled: false}`"],
            id="no server",
        ),
        pytest.param(
            {"servers.web.enabled": False},
            ["servers: none is enabled, so the gateway has nothing to offer; add one, or set `gateway: {enabled: false}`"],
            id="no enabled server",
        ),
        pytest.param(
            {"gateway.enabled": False, "servers.far": REMOTE},
            ["servers.far: a server with `url` exists only through the gateway, which is disabled"],
            id="url without gateway",
        ),
        pytest.param(
            {"gateway.enabled": False, "servers.web.in_gateway": True},
            ["servers.web.in_gateway: does nothing, the gateway is disabled; remove it"],
            id="in_gateway without gateway",
        ),
        pytest.param(
            {"servers.other": {**IMAGE, "namespace": "web"}, "servers.third": {**IMAGE, "namespace": "web"}},
            [
                "servers.third.namespace: 'web', as that of server 'other'; names would collide, give it another",
                "servers.web.namespace: 'web', as that of server 'other'; names would collide, give it another",
            ],
            id="prefix taken twice",
        ),
        pytest.param(
            {"servers.web.namespace": "", "servers.other": {**IMAGE, "namespace": ""}},
            ["servers.web.namespace: empty, as that of server 'other'; names would collide, give it another"],
            id="two without prefix",
        ),
        pytest.param(
            {"servers.other": {**IMAGE, "namespace": "x", "in_gateway": False}},
            ["servers.other.namespace: does nothing for a server that no gateway offers; remove it"],
            id="prefix outside the gateway",
        ),
        pytest.param(
            {"servers.box": {**WRAPPED, "cli": {"timeout_seconds": 90}}},
            [
                "servers.box.cli.timeout_seconds: 90 is above `gateway.limits.exchange_seconds` (60), which ends the call before; "
                "lower the one or raise the other"
            ],
            id="a run that the gateway does not wait for",
        ),
        pytest.param(
            {
                "servers.box": {**WRAPPED, "cli": {"timeout_seconds": 90}},
                "servers.other": {**WRAPPED, "cli": {"depth": 1}},
                "servers.third": WRAPPED,
                "gateway.limits": {"exchange_seconds": 90},
            },
            [],
            id="a run that it waits for",
        ),
        pytest.param(
            {"servers.web.cli": True},
            ["servers.web.cli: does nothing for a server with `image`; remove it"],
            id="an image is no program of ours",
        ),
        pytest.param(
            {"servers.web": local(9001), "servers.other": local(9001)},
            ["servers.web.local.port: 9001 is taken on this machine by server 'other'; choose another"],
            id="port clash of servers",
        ),
        pytest.param(
            {"servers.web": local(8080)},
            ["servers.web.local.port: 8080 is taken on this machine by the gateway; choose another"],
            id="port clash with the gateway",
        ),
        pytest.param(
            {"servers.far": {"url": "http://127.0.0.1:9000/mcp"}},
            ["servers.far.url: 127.0.0.1 is the gateway's own pod in a cluster; give the server's address"],
            id="loopback",
        ),
        pytest.param(
            {"gateway.trust_network": False},
            [
                "gateway.trust_network: nothing checks who calls the proxy, so pods would be open to whoever reaches them; "
                "set it to true where only trusted clients can (`clients` and `exposure` say who that is), "
                "or give `gateway.authentication`"
            ],
            id="network not trusted",
        ),
        pytest.param(
            {"proxy": {}},
            ["proxy.image: required, the gateway runs it; give repository and tag or digest of the bundled image"],
            id="no proxy image",
        ),
        pytest.param(
            {"proxy": {}, "gateway.enabled": False, "servers.box": WRAPPED},
            ["proxy.image: required, server 'box' runs it; give repository and tag or digest of the bundled image"],
            id="no proxy image for a wrapper",
        ),
        pytest.param({"proxy": {}, "gateway": {"enabled": False}}, [], id="no proxy at all"),
    ],
)
def test_a_stack_as_a_whole(problems, changes, expected):
    assert problems(changes) == expected


def test_only_a_cluster_needs_image_trust_and_reachable_addresses(problems):
    changes = {"proxy": {}, "gateway": {}, "servers.far": {"url": "http://localhost:9000/mcp"}}
    assert problems(changes, cluster=False) == []
    assert len(problems(changes)) == 3


@pytest.mark.parametrize("host", ["localhost", "mcp.localhost", "localhost.", "127.1.2.3", "[::1]", "0.0.0.0", "[::]"])
def test_a_url_never_leads_to_the_machine_that_asks(problems, host):
    shown = host.strip("[]").removesuffix(".")
    said = f"servers.far.url: {shown} is the gateway's own pod in a cluster; give the server's address"
    assert problems({"servers.far": {"url": f"http://{host}:8080/mcp"}}) == [said]
