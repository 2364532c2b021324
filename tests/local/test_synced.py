"""A secret of a store is read on this machine as any other: from the environment of whoever runs the stack."""

from mcp_stack.local.variables import container_problems, environment_of, variable_problems
from mcp_stack.spec import load_spec
from tests.spec.stores import store

STACK = {
    "proxy": {"image": {"repository": "proxy", "tag": "1.0.0"}},
    "gateway": {"trust_network": True},
    "secret_stores": {"kept": store("infisical")},
    "secrets": {"app": {"store": "kept", "data_from": [{"find": {}}]}},
    "servers": {
        "web": {
            "image": {"repository": "web", "tag": "1.0.0"},
            "local": {"command": ["web"]},
            "env": {"A": {"secret": "app/A"}, "B": {"secret": "app/B"}},
            "env_from": [{"secret": "app"}],
            "restart": "reloader",
        },
    },
}


def test_a_value_of_a_set_comes_under_the_name_that_the_server_reads():
    spec = load_spec(STACK, "local", cluster=False)
    assert environment_of(spec, "web", {"A": "1", "B": "2", "PATH": "/bin"}) == {"A": "1", "B": "2", "PATH": "/bin"}
    (problem,) = variable_problems(spec, {"A": "1"})
    assert str(problem).startswith("servers.web.env.B: secret 'app/B' is read from $B on this machine, which is not set")


def test_a_whole_set_cannot_be_had_here():
    (problem,) = container_problems(load_spec(STACK, "local", cluster=False))
    assert str(problem) == "servers.web.env_from[0]: 'app' exists only in a cluster; give its variables in `env`"
