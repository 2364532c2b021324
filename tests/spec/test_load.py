import pytest

from mcp_stack.spec import load_spec
from mcp_stack_proxy.config import ConfigError

IMAGE = {"image": {"repository": "acme/x", "tag": "1.0.0"}}


@pytest.mark.parity("stack.unknown-keys")
def test_every_problem_is_reported_at_once_with_its_path_and_the_file(problems, load):
    changes = {
        "domian": "example.com",
        "gateway.replcas": 2,
        "servers.web.autoscaling": {"min": -1},
        "servers.web.env": {"A": 1},
        "servers.box": {"command": "run"},
        "servers.far": {"url": "https://mcp.example.org/mcp", "replicas": 3},
    }
    assert problems(changes) == [
        "gateway.replcas: unknown key, did you mean `replicas`?",
        "servers.web.autoscaling.min: -1: input should be greater than or equal to 0",
        "servers.web.env.A: a number is no text; put it in quotes",
        "servers.box.command: 'run': input should be a valid list",
        "domian: unknown key, did you mean `domain`?",
        "servers.far.replicas: does nothing for a server with `url`; remove it",
    ]
    with pytest.raises(ConfigError, match=r"^Pulumi\.staging\.yaml: 6 problems\n  gateway\.replcas: unknown key"):
        load(changes)


def test_rules_are_checked_even_where_the_schema_refuses_something_else(problems):
    changes = {"servers.web.prot": 1, "servers.box": {"command": ["${X}"]}, "gateway.trust_network": False}
    assert [line.split(":")[0] for line in problems(changes)] == [
        "servers.web.prot",
        "servers.box.command[0]",
        "gateway.trust_network",
    ]


def test_nothing_is_said_that_only_follows_from_another_problem(problems):
    """The schema takes `token` out of `env`; that it is now unused is not the author's fault."""
    changes = {
        "secrets": {"token": {"config": "t"}},
        "servers.web.env": {"1": {"secret": "token"}},
        "servers.web.image": {"repository": "acme/web", "tag": "latest"},
    }
    assert [line.split(":")[0] for line in problems(changes)] == ["servers.web.env.1", "servers.web.image.tag"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "Pulumi.staging.yaml: 1 problem\n  holds nothing; give it a value, or leave the key out"),
        ([], "Pulumi.staging.yaml: 1 problem\n  a list: expected a mapping of keys"),
    ],
)
def test_a_document_that_is_no_stack(data, message):
    with pytest.raises(ConfigError) as caught:
        load_spec(data, "staging")
    assert str(caught.value) == message


def test_a_stack_name_that_cannot_prefix_names(problems):
    assert problems({}, stack="My.Stack") == [
        "stack name 'My.Stack' cannot prefix names of objects: lower-case letters, digits and single dashes, starting with a letter"
    ]


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ({}, "give `image` (a container that speaks HTTP), `command` (a stdio server) or `url` (somebody else's server)"),
        (
            {"url": "https://x.example/mcp", "command": ["run"]},
            "`url` is a server that runs elsewhere; it has neither `image` nor `command`",
        ),
    ],
)
@pytest.mark.parity("hangar.defaults")
def test_a_server_is_of_one_kind(problems, server, message):
    assert problems({"servers.x": server}) == [f"servers.x: {message}"]


@pytest.mark.parametrize(
    ("server", "key"),
    [
        ({**IMAGE, "headers": {"A": "b"}}, "headers"),
        ({"command": ["run"], "path": "/x"}, "path"),
        ({"command": ["run"], "env_from": [{"existing_secret": "s"}]}, "env_from"),
        ({"command": ["run"], "local": {"command": ["run"]}}, "local"),
        ({"command": ["run"], "grace_seconds": 3}, "grace_seconds"),
        ({"url": "https://x.example/mcp", "replicas": 3}, "replicas"),
        ({"url": "https://x.example/mcp", "labels": {}}, "labels"),
    ],
)
def test_a_key_that_does_nothing_for_a_kind_is_refused(problems, server, key):
    kind = next(kind for kind in ("url", "image", "command") if kind in server)
    assert problems({"servers.x": server}) == [f"servers.x.{key}: does nothing for a server with `{kind}`; remove it"]


@pytest.mark.parity("stack.servers-map")
def test_a_disabled_server_is_checked_but_left_out(load, problems):
    off = {**IMAGE, "enabled": False}
    assert set(load({"servers.off": off}).servers) == {"web"}
    assert problems({"servers.off": {**off, "x": 1}}) != []


@pytest.mark.parity("stack.default-port", "stack.environments")
def test_servers_inherit_field_by_field(load):
    defaults = {
        "port": 9000,
        "env": {"A": "default", "B": "default"},
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        "probes": {"liveness": {"http_get": {"path": "/live"}, "period_seconds": 20}},
        "labels": {"team": "a"},
    }
    own = {
        "env": {"B": "own"},
        "resources": {"requests": {"cpu": "200m"}},
        "probes": {"liveness": {"tcp_socket": {}}},
        "labels": {"tier": "b"},
    }
    web = load(
        {"defaults": defaults, "servers.web.env": own["env"], **{f"servers.web.{key}": value for key, value in own.items()}}
    ).servers["web"]
    assert web.port == 9000
    assert web.env == {"A": "default", "B": "own"}
    assert (web.resources.requests.cpu, web.resources.requests.memory) == ("200m", "64Mi")
    assert web.probes.liveness.http_get is None
    assert web.probes.liveness.tcp_socket is not None
    assert web.probes.liveness.period_seconds == 20
    assert web.labels == {"team": "a", "tier": "b"}
    assert load().servers["web"].port == 8000


def test_the_gateway_inherits_nothing_from_servers(load):
    assert load({"defaults": {"port": 9000, "replicas": 3}}).gateway.port == 8080


def test_environment_and_namespace_default_to_the_stack(load):
    spec = load()
    assert (spec.environment, spec.namespace, spec.create_namespace) == ("staging", "mcp-staging", True)
    spec = load({"environment": "production", "namespace": {"name": "mcp", "create": False}})
    assert (spec.environment, spec.namespace, spec.create_namespace) == ("production", "mcp", False)


@pytest.mark.parity("stack.ingress-host")
def test_an_exposed_server_gets_its_host(load):
    exposed = {"domain": "example.com", "exposure": {"parent": {"name": "p"}}, "servers.web.exposure": {}}
    assert load(exposed).servers["web"].exposure.host == "mcp-web.staging.example.com"
    assert load({**exposed, "environment": "production"}).servers["web"].exposure.host == "mcp-web.example.com"
    assert load({**exposed, "servers.web.exposure": {"host": "own.example.com"}}).servers["web"].exposure.host == "own.example.com"


def test_a_value_known_only_after_deployment_is_accepted(load):
    class Later:
        def apply(self, function):
            raise AssertionError

    later = Later()
    assert load({"servers.web.env": {"URL": later}}).servers["web"].env == {"URL": later}


def test_what_shows_only_after_merging_is_reported_at_its_server(problems):
    long = {"domain": f"{'a.' * 120}example.com", "exposure": {"parent": {"name": "p"}}, "servers.web.exposure": {}}
    (line,) = problems(long)
    assert line.startswith("servers.web.exposure.host: 'mcp-web.staging.a.a.")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"servers": {"web": {"url": "x"}}}, "servers.web.url: 'x' is no http:// or https:// URL"),
        ({"servers": {"web": {"url": "http://x"}}, "nmae": "x"}, "gateway.nmae: unknown key, did you mean `name`?"),
    ],
)
def test_whatever_the_proxy_would_refuse_at_start_is_refused_here(problems, monkeypatch, config, expected):
    """The schema covers all that is known; should the proxy become stricter, it has the last word."""
    monkeypatch.setattr("mcp_stack.spec.load.gateway_config", lambda *_: config)
    assert problems({}) == [expected]


def test_a_wrapper_that_the_proxy_would_refuse_is_reported_at_its_server(problems, monkeypatch):
    monkeypatch.setattr("mcp_stack.spec.load.wrapper_config", lambda *_: {"servers": {"box": {}}, "nmae": "x"})
    assert problems({"servers.box": {"command": ["run"]}}) == [
        "servers.box: give either `url` (a server that speaks HTTP) or `command` (one to run here)",
        "servers.box.nmae: unknown key, did you mean `name`?",
    ]
