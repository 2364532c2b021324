"""Who checks who calls the proxies of a stack."""

import pytest

from mcp_stack.spec import cluster_address, gateway_config, wrapper_config

KEYS = {
    "secrets.keys": {"existing": "callers", "key": "api-keys.yaml"},
    "gateway.authentication": {"api_keys": {"secret": "keys"}},
    "gateway.trust_network": ...,
}
OPEN = (
    "nothing checks who calls the proxy, so pods would be open to whoever reaches them; "
    "set it to true where only trusted clients can (`clients` and `exposure` say who that is)"
)
WRAPPED = {"command": ["run"]}
PARENT = {"exposure.parent": {"name": "public"}, "domain": "example.com"}


def past(*ways):
    return (
        f"servers.box.trust_network: false, but {', '.join(f'`{way}`' for way in ways)} let callers past the gateway and its "
        "authentication; let them call the gateway instead, or set it to true where only trusted clients come this way"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"gateway": {}}, [f"gateway.trust_network: {OPEN}, or give `gateway.authentication`"], id="nothing"),
        pytest.param({}, [], id="trusted"),
        pytest.param(KEYS, [], id="keys"),
        pytest.param({**KEYS, "servers.box": WRAPPED}, [], id="keys, and a wrapper that only the gateway calls"),
        pytest.param({**KEYS, "servers.box": {**WRAPPED, "in_gateway": False}}, [], id="keys, and a wrapper that nobody calls"),
        pytest.param(
            {**KEYS, "gateway.trust_network": True},
            [
                "gateway.trust_network: contradicts `authentication`, which checks who calls; remove it, and state it for single "
                "servers (`servers.NAME.trust_network`) where they are called past the gateway"
            ],
            id="both",
        ),
        pytest.param(
            {**KEYS, "servers.box": {**WRAPPED, "clients": [{"namespace": "agents"}]}}, [past("clients")], id="past it by clients"
        ),
        pytest.param(
            {**KEYS, "servers.box": {**WRAPPED, "service": {"type": "NodePort"}}},
            [past("service.type")],
            id="past it by every node",
        ),
        pytest.param({**KEYS, **PARENT, "servers.box": {**WRAPPED, "exposure": {}}}, [past("exposure")], id="past it from outside"),
        pytest.param({**KEYS, **PARENT, "servers.box": {**WRAPPED, "exposure": {"enabled": False}}}, [], id="not exposed"),
        pytest.param(
            {**KEYS, "servers.box": {**WRAPPED, "clients": [{"cidr": "10.0.0.0/8"}]}, "servers.web.egress": [{"server": "box"}]},
            [past("clients", "servers.web.egress")],
            id="past it by another server",
        ),
        pytest.param(
            {**KEYS, "servers.box": {**WRAPPED, "clients": [{"namespace": "agents"}], "trust_network": True}}, [], id="stated"
        ),
        pytest.param(
            {**KEYS, "servers.box": {**WRAPPED, "trust_network": True}},
            ["servers.box.trust_network: does nothing, only the gateway may call it, which checks who calls; remove it"],
            id="stated for nothing",
        ),
        pytest.param(
            {"servers.box": {**WRAPPED, "trust_network": True}},
            ["servers.box.trust_network: does nothing, `gateway.trust_network` states it for every proxy; remove one of them"],
            id="stated twice",
        ),
        pytest.param(
            {"gateway": {"enabled": False}, "servers.box": WRAPPED}, [f"servers.box.trust_network: {OPEN}"], id="no gateway"
        ),
        pytest.param({"gateway": {"enabled": False}, "servers.box": {**WRAPPED, "trust_network": True}}, [], id="stated without"),
        pytest.param(
            {**KEYS, "gateway.enabled": False},
            ["gateway.authentication: does nothing, the gateway is disabled; remove it"],
            id="keys for no gateway",
        ),
        pytest.param(
            {**KEYS, "servers.web.trust_network": True},
            ["servers.web.trust_network: does nothing for a server with `image`; remove it"],
            id="no proxy of ours",
        ),
        pytest.param(
            {**KEYS, "gateway.authentication": {"api_keys": {"secret": "kes"}}},
            [
                "gateway.authentication.api_keys.secret: no secret 'kes' is declared; did you mean `keys`?",
                "secrets.keys: nothing refers to it; use it in `env` or `files` of a server, or remove it",
            ],
            id="no such secret",
        ),
        pytest.param(
            {
                **KEYS,
                "servers.far": {"url": "https://${MCP_API_KEYS_FILE}/", "env": {"MCP_API_KEYS_FILE": "a.example"}},
            },
            ["servers.far.env.MCP_API_KEYS_FILE: is set by the stack for its proxy; use another name"],
            id="the stack's own variable",
        ),
    ],
)
@pytest.mark.parity("aggregate.bind-guard")
def test_every_proxy_is_guarded_or_says_why_not(problems, changes, expected):
    assert problems(changes) == expected


def test_a_run_on_this_machine_needs_neither(problems):
    assert problems({"gateway": {}, "servers.box": {**WRAPPED, "clients": [{"namespace": "agents"}]}}, cluster=False) == []


def test_the_gateway_is_told_where_its_keys_are_and_the_wrapper_that_it_need_not_ask(load):
    spec = load({**KEYS, "servers.box": WRAPPED})
    config = gateway_config(spec, cluster_address(spec))
    assert config["authentication"] == {"api_keys": "${MCP_API_KEYS_FILE:-/keys/api-keys.yaml}"}
    assert "trust_network" not in config
    assert wrapper_config(spec, "box")["trust_network"] is True


def test_a_wrapper_that_others_call_would_not_start_unstated(load):
    """Should the rules be wrong one day, the proxy's own guard is still there."""
    spec = load({**KEYS, "servers.box": {**WRAPPED, "clients": [{"namespace": "agents"}]}}, cluster=False)
    assert "trust_network" not in wrapper_config(spec, "box")
