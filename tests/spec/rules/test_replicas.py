"""Proxies with several replicas need keys in common."""

import pytest

from mcp_stack.spec.rules.replicas import HINT

KEYS = {"secrets.keys": {"existing": "mcp", "key": "session-keys"}, "gateway.sessions": {"keys": {"secret": "keys"}}}
WHAT = f"may have more than one replica, and a session that one of them opened is unknown to the others; {HINT}"
BOX = {"command": ["run"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, [], id="one of each"),
        pytest.param({"gateway.replicas": 2}, [f"gateway.sessions: required, it {WHAT}"], id="two"),
        pytest.param({"gateway.replicas": 2, **KEYS}, [], id="two, and keys"),
        pytest.param(KEYS, [], id="one, and keys: its sessions outlive it"),
        pytest.param({"gateway.autoscaling": {"min": 1, "max": 3}}, [f"gateway.sessions: required, it {WHAT}"], id="up to three"),
        pytest.param({"gateway.autoscaling": {"min": 1, "max": 1}}, [], id="up to one"),
        pytest.param({"gateway.autoscaling": {"enabled": False}}, [], id="no autoscaler"),
        pytest.param({"servers.web.replicas": 3}, [], id="an image: its sessions are its own"),
        pytest.param({"servers.box": {**BOX, "replicas": 2}}, [f"servers.box: the proxy of 'box' {WHAT}"], id="a wrapper"),
        pytest.param({"servers.box": {**BOX, "replicas": 2}, **KEYS}, [], id="a wrapper, and keys"),
        pytest.param(
            {
                "gateway.enabled": False,
                "servers.box": {**BOX, "replicas": 2, "trust_network": True},
                "gateway.trust_network": False,
            },
            [],
            id="a wrapper that is called alone",
        ),
        pytest.param(
            {"gateway.enabled": False, **KEYS},
            ["gateway.sessions: does nothing, no proxy runs: no gateway, and no server with `command` or `proxy`"],
            id="no proxy",
        ),
        pytest.param(
            {"gateway.sessions": {"keys": {"secret": "keyz"}}, "secrets.keys": {"existing": "mcp", "key": "k"}},
            [
                "gateway.sessions.keys.secret: no secret 'keyz' is declared; did you mean `keys`?",
                "secrets.keys: nothing refers to it; use it in `env` or `files` of a server, or remove it",
            ],
            id="no such secret",
        ),
    ],
)
def test_more_than_one_replica_needs_keys(problems, changes, expected):
    assert problems(changes) == expected


def test_a_run_on_one_machine_has_one_of_each(problems):
    assert problems({"gateway.replicas": 2}, cluster=False) == []


@pytest.mark.parametrize("variable", ["MCP_SESSION_KEYS_FILE", "MCP_POD_IP"])
def test_what_the_stack_sets_is_not_the_servers_to_set(problems, variable):
    assert problems({"servers.box": {**BOX, "env": {variable: "x"}}}) == [
        f"servers.box.env.{variable}: is set by the stack for its proxy; use another name"
    ]
