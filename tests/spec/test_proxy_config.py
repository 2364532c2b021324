import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.spec import cluster_address, config_text, gateway_config, load_spec, wrapper_config
from mcp_stack_proxy.config import ProxyConfig, Source, load

SECRETS = {"secrets": {"token": {"existing": "s", "key": "k"}}}


@pytest.fixture
def spec(load):
    return load(
        {
            **SECRETS,
            "domain": "example.com",
            "exposure": {"parent": {"name": "p"}},
            "gateway.exposure": {},
            "gateway.instructions": "Costs ${NOTHING}, $5.",
            "gateway.limits": {"drain_seconds": 20},
            "servers.box": {"command": ["run", "--fast"], "args": ["x"], "env": {"A": "a$b${c}", "T": {"secret": "token"}}},
            "servers.far": {
                "url": "https://mcp.example.org/mcp",
                "headers": {"Authorization": "Bearer ${T}"},
                "env": {"T": {"secret": "token"}},
                "namespace": "remote",
            },
            "servers.out": {"image": {"repository": "x", "tag": "1"}, "in_gateway": False},
        }
    )


@pytest.mark.parity("aggregate.configmap")
def test_the_gateway_knows_every_server_that_it_offers(spec):
    assert gateway_config(spec, cluster_address(spec)) == {
        "servers": {
            "box": {"url": "http://staging-box.mcp-staging.svc:8000/servers/box/mcp"},
            "far": {
                "url": "https://mcp.example.org/mcp",
                "headers": {"Authorization": "Bearer ${T}"},
                "namespace": "remote",
            },
            "web": {"url": "http://staging-web.mcp-staging.svc:8000/mcp"},
        },
        "allowed_hosts": [
            "staging-gateway",
            "staging-gateway.mcp-staging",
            "staging-gateway.mcp-staging.svc",
            "staging-gateway.mcp-staging.svc.cluster.local",
            "mcp.staging.example.com",
        ],
        "trust_network": True,
        "limits": {"drain_seconds": 20},
        "metrics": {"tools_per_server": 100},
        "audit": {"output": "stdout"},
        "instructions": "Costs $${NOTHING}, $$5.",
    }


def test_a_stdio_server_is_wrapped_with_its_own_variables(spec):
    config = wrapper_config(spec, "box")
    assert config["servers"] == {
        "box": {
            "command": "run",
            "args": ["--fast", "x"],
            "env": {"A": "a$$b$${c}", "T": "${T}"},
            "namespace": "",
            "process": {"start": "startup"},
        }
    }
    assert config["name"] == "box"
    assert config["limits"] == {"drain_seconds": 20}
    assert "staging-box.mcp-staging.svc" in config["allowed_hosts"]
    with pytest.raises(ValueError, match="'web' is no stdio server"):
        wrapper_config(spec, "web")


@pytest.mark.parametrize(
    ("cli", "expected"),
    [
        (True, True),
        ({}, True),
        (False, None),
        ({"depth": 1, "options": {"deny": ["-$x"]}}, {"depth": 1, "options": {"deny": ["-$$x"]}}),
        ({"presets": [{"name": "a", "args": ["${B}"]}]}, {"presets": [{"name": "a", "args": ["$${B}"]}]}),
    ],
)
@pytest.mark.parity("aggregate.backend-cli")
def test_a_wrapped_program_is_wrapped_as_it_is_written(load, cli, expected):
    spec = load({"servers.box": {"command": ["git"], "cli": cli}})
    assert wrapper_config(spec, "box")["servers"]["box"].get("cli") == expected


@pytest.mark.parity("aggregate.configmap")
def test_only_addresses_differ_between_a_cluster_and_this_machine(spec):
    cluster = gateway_config(spec, cluster_address(spec))
    local = gateway_config(spec, lambda name: f"http://127.0.0.1:9{len(name)}")
    for config in (cluster, local):
        for name in ("box", "web"):
            config["servers"][name]["url"] = config["servers"][name]["url"].split("/", 3)[3]
    assert config_text(cluster) == config_text(local)


def test_the_proxy_reads_what_was_written(spec):
    environment = {"T": "se'cr\"et\n${T}"}
    text = config_text(gateway_config(spec, cluster_address(spec)))
    config = load(Source("gateway", text), environment | {"T": "secret"})
    assert config.servers["far"].headers == {"Authorization": "Bearer secret"}
    assert config.instructions == "Costs ${NOTHING}, $5."
    wrapped = load(Source("box", config_text(wrapper_config(spec, "box"))), environment)
    assert wrapped.servers["box"].env == {"A": "a$b${c}", "T": environment["T"]}


@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), st.text(st.characters(exclude_categories=["Cs", "Cc"]))))
def test_every_text_reaches_the_child_as_it_was_written(env):
    data = {
        "proxy": {"image": {"repository": "p", "tag": "1"}},
        "gateway": {"trust_network": True},
        "servers": {"box": {"command": ["run"], "env": env}},
    }
    text = config_text(wrapper_config(load_spec(data, "test"), "box"))
    assert load(Source("box", text), {}).servers["box"].env == env


def test_the_text_is_canonical():
    assert (
        config_text({"b": 1, "a": {"d": 1, "c": 2}}) == config_text({"a": {"c": 2, "d": 1}, "b": 1}) == "a:\n  c: 2\n  d: 1\nb: 1\n"
    )
    assert yaml.safe_load(config_text({"text": "ä: 'x'\n"})) == {"text": "ä: 'x'\n"}


def test_what_equals_the_proxys_default_is_left_out(load):
    spec = load({"gateway.name": "mcp-stack", "gateway.limits": {}})
    assert set(gateway_config(spec, cluster_address(spec))) == {"servers", "allowed_hosts", "trust_network", "metrics", "audit"}
    ProxyConfig.model_validate(gateway_config(spec, cluster_address(spec)))


def test_what_the_proxy_would_refuse_is_refused_at_preview(problems):
    """Header rules live in the proxy's model; the stack file's model shares them."""
    far = {"url": "https://mcp.example.org/mcp", "headers": {"Host": "x"}}
    assert problems({"servers.far": far}) == ["servers.far.headers.Host: the proxy sets Host itself"]
    assert problems({"servers.far": {"url": "ftp://x"}}) == ["servers.far.url: 'ftp://x' is no http:// or https:// URL"]
    assert problems({"gateway.allowed_origins": ["x"]}) == [
        "gateway.allowed_origins[0]: 'x' is no origin: write `https://app.example.com`, without path"
    ]
    found = problems({"gateway.limits": {"drain_seconds": 0}})
    assert found == ["gateway.limits.drain_seconds: 0: input should be greater than 0"]


def test_a_process_is_kept_as_defaults_and_server_say_field_by_field(load):
    spec = load(
        {
            "defaults.process": {"idle_timeout": "adaptive", "max_idle_timeout": "9m", "max_starts": 3},
            "servers.box": {"command": ["run"]},
            "servers.calm": {"command": ["run"], "process": {"idle_timeout": 90, "max_memory": "1Gi"}},
        }
    )
    assert wrapper_config(spec, "box")["servers"]["box"]["process"] == {
        "idle_timeout": "adaptive",
        "max_idle_timeout": "9m",
        "max_starts": 3,
        "start": "startup",
    }
    calm = wrapper_config(spec, "calm")
    assert calm["servers"]["calm"]["process"] == {
        "idle_timeout": "90",
        "max_memory": "1Gi",
        "max_starts": 3,
        "start": "startup",
    }
    ProxyConfig.model_validate(calm)
    assert "process" not in str(gateway_config(spec, cluster_address(spec)))


@pytest.mark.parametrize(
    ("keys", "start"),
    [
        ({}, "startup"),
        ({"servers.box.process": {"idle_timeout": "2m"}}, "startup"),
        ({"servers.box.process": {"start": None}}, "startup"),
        ({"servers.box.process": {"start": "first_call"}}, "first_call"),
        ({"defaults.process": {"start": "first_call"}}, "first_call"),
        ({"defaults.process": {"start": "first_call"}, "servers.box.process": {"start": "startup"}}, "startup"),
    ],
)
def test_a_process_starts_with_its_pod_unless_it_is_said_otherwise(load, keys, start):
    spec = load({"servers.box": {"command": ["run"]}, **keys})
    config = wrapper_config(spec, "box")
    assert config["servers"]["box"]["process"]["start"] == start
    assert ProxyConfig.model_validate(config).servers["box"].process.start == start


def test_a_program_that_runs_once_for_each_call_has_no_start(load, problems):
    spec = load({"servers.box": {"command": ["run"], "cli": True}, "defaults.process": {"start": "startup"}})
    assert "process" not in wrapper_config(spec, "box")["servers"]["box"]
    found = problems({"servers.box": {"command": ["run"], "cli": True, "process": {"start": "startup"}}})
    assert found == ["servers.box: `process` does nothing beside `cli`: such a program runs once for each call"]
