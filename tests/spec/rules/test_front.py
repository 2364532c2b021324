"""A proxy in front of a server: what contradicts it."""

import pytest

FRONT = {"servers.web.proxy": {}}
ASKS = {"api_keys": {"secret": "keys"}, "gateway_key": {"secret": "keys"}}
KEYS = {"secrets.keys": {"existing": "callers", "key": "api-keys.yaml"}}
GUARDED = {**KEYS, "gateway.authentication": {"api_keys": {"secret": "keys"}}, "gateway.trust_network": ...}
PAST = {"servers.web.clients": [{"namespace": "agents"}]}
OPEN = (
    "nothing checks who calls the proxy, so pods would be open to whoever reaches them; "
    "set it to true where only trusted clients can (`clients` and `exposure` say who that is)"
)
AT = "servers.web.proxy"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(FRONT, [], id="trusted"),
        pytest.param({**GUARDED, **FRONT}, [], id="behind a gateway that asks"),
        pytest.param({**KEYS, f"{AT}.authentication": ASKS}, [], id="keys of its own"),
        pytest.param(
            {**GUARDED, **FRONT, **PAST},
            [
                f"{AT}.trust_network: false, but `clients` let callers past the gateway and its authentication; let them call the "
                "gateway instead, or set it to true where only trusted clients come this way"
            ],
            id="past the gateway",
        ),
        pytest.param({**GUARDED, **PAST, f"{AT}.authentication": ASKS}, [], id="past the gateway with keys"),
        pytest.param({**GUARDED, **PAST, f"{AT}.trust_network": True}, [], id="past the gateway, stated"),
        pytest.param(
            {f"{AT}.trust_network": True},
            [f"{AT}.trust_network: does nothing, `gateway.trust_network` states it for every proxy; remove one of them"],
            id="stated twice",
        ),
        pytest.param(
            {**KEYS, AT: {"authentication": ASKS, "trust_network": True}},
            [f"{AT}.trust_network: contradicts `authentication`, which checks who calls; remove one of them"],
            id="stated beside keys",
        ),
        pytest.param(
            {**KEYS, f"{AT}.authentication": {"api_keys": {"secret": "keys"}}},
            [
                f"{AT}.authentication.gateway_key: required, the gateway calls the server, too; name the secret with its key: "
                "`gateway_key: {secret: …}`"
            ],
            id="the gateway without a key",
        ),
        pytest.param(
            {**KEYS, f"{AT}.authentication": ASKS, "servers.web.in_gateway": False, "servers.box": {"command": ["run"]}},
            [f"{AT}.authentication.gateway_key: does nothing, no gateway offers the server; remove it"],
            id="a key for no gateway",
        ),
        pytest.param({"gateway": {"enabled": False}, **FRONT}, [f"{AT}.trust_network: {OPEN}"], id="alone"),
        pytest.param(
            {f"{AT}.authentication": ASKS},
            [
                f"{AT}.authentication.{key}.secret: no secret 'keys' is declared; "
                "declare it under `secrets` or `servers.web.secrets`"
                for key in ("api_keys", "gateway_key")
            ],
            id="keys that nobody declares",
        ),
        pytest.param(
            {
                **KEYS,
                f"{AT}.authentication": ASKS,
                "servers.far": {
                    "url": "https://mcp.example.org/mcp",
                    "headers": {"X": "${MCP_KEY_WEB}"},
                    "env": {"MCP_KEY_WEB": "x"},
                },
            },
            ["servers.far.env.MCP_KEY_WEB: is where the gateway has its key for server 'web'; use another name"],
            id="its variable is taken",
        ),
        pytest.param(
            {f"{AT}.port": 8000},
            [
                f"{AT}.port: `proxy.port` (8000) is a port of the server itself, and containers of a pod share its ports; choose "
                "another for one of them"
            ],
            id="the server's port",
        ),
        pytest.param(
            {**FRONT, "servers.web.port": 9100},
            [
                f"{AT}.port: `gateway.management.port` (9100) is a port of the server itself, and containers of a pod share its "
                "ports; choose another for one of them"
            ],
            id="the port of its metrics",
        ),
        pytest.param(
            {f"{AT}.port": 9100},
            [f"{AT}.port: 9100 is the proxies' `gateway.management.port`; choose another for one of them"],
            id="one port for both",
        ),
        pytest.param(
            {f"{AT}.validation": {"max_bytes": 1000}},
            [f"{AT}.validation.max_bytes: does nothing where neither `arguments` nor `results` is checked"],
            id="bounds of no check",
        ),
        pytest.param(
            {f"{AT}.audit": {"enabled": False, "flush_seconds": 1}},
            [f"{AT}.audit.flush_seconds: does nothing, `audit.enabled` is false; remove one of them"],
            id="an audit that is off",
        ),
        pytest.param(
            {f"{AT}.resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}},
            [f"{AT}.resources.requests.cpu: 2 is above the limit of 1"],
            id="requests above limits",
        ),
        pytest.param(
            {**FRONT, "servers.web.replicas": 2},
            [
                "servers.web: the proxy of 'web' may have more than one replica, and a session that one of them opened is unknown "
                "to the others; `mcp-stack-proxy new-session-key` makes a key; declare it under `secrets` and refer to it with "
                "`gateway.sessions: {keys: {secret: …}}`"
            ],
            id="replicas without keys in common",
        ),
        pytest.param(
            {"servers.web": {"url": "https://mcp.example.org/mcp", "proxy": {}}},
            [f"{AT}: does nothing for a server with `url`; remove it"],
            id="somebody else's server",
        ),
        pytest.param(
            {"servers.web": {"command": ["run"], "proxy": {}}},
            [f"{AT}: does nothing for a server with `command`; remove it"],
            id="a wrapped one",
        ),
        pytest.param(
            {"servers.mcp-proxy": {"image": {"repository": "acme/web", "tag": "1.0.0"}, "proxy": {}}},
            ["servers.mcp-proxy.proxy: its container is named 'mcp-proxy', as the server is; rename the server"],
            id="its name is taken",
        ),
        pytest.param(
            {
                **FRONT,
                "servers.web.init_containers": [{"name": "mcp-proxy", "image": {"repository": "acme/one", "tag": "1.0.0"}}],
            },
            ["servers.web.init_containers[0].name: 'mcp-proxy' is the name of another container of the pod; choose another"],
            id="a container of its name",
        ),
        pytest.param(
            {**FRONT, "servers.web.volumes": {"mcp-proxy-config": {"path": "/own", "empty_dir": {}}}},
            [
                "servers.web.volumes.mcp-proxy-config: 'mcp-proxy-config' may be the name of a volume that the stack makes; "
                "choose another"
            ],
            id="a volume of its name",
        ),
        pytest.param(
            {
                "secret_stores.store": {"fake": {"data": [{"key": "a", "value": "1"}]}},
                "secrets.keys": {"store": "store", "data": {"A": {"key": "a"}}},
                f"{AT}.authentication": {"api_keys": {"secret": "keys/A"}, "gateway_key": {"secret": "keys"}},
                "gateway.restart": "reloader",
            },
            [f"{AT}.authentication.gateway_key.secret: 'keys' is a set; name one of its keys: `keys/KEY`"],
            id="a whole set for one key",
        ),
    ],
)
def test_what_contradicts_it_is_refused(problems, changes, expected):
    assert problems(changes) == expected


def test_its_image_is_needed(problems):
    assert problems({**FRONT, "gateway": {"enabled": False}, "proxy": ..., f"{AT}.trust_network": True}) == [
        "proxy.image: required, server 'web' runs it; give repository and tag or digest of the bundled image"
    ]
