"""From a stack to processes: the same configuration as in a cluster, at other addresses."""

from pathlib import Path

import pytest

from mcp_stack.local.plan import plan
from mcp_stack.manifests.objects import gateway_objects, server_objects
from mcp_stack.spec import GATEWAY, cluster_address, load_spec
from mcp_stack_proxy.config import ConfigError
from tests.dotted import changed

PORTS = {"clock": 40001, "units": 40002, GATEWAY: 8080}
ENVIRON = {
    "PATH": "/usr/bin",
    "HOME": "/home/dev",
    "CLOCK_KEY": "tick",
    "SENTRY_TOKEN": "seen",
    "AWS_SECRET_ACCESS_KEY": "private",
    "SSL_CERT_FILE": "/ca.pem",
}


@pytest.fixture
def spec(stack):
    return load_spec(stack, "local", cluster=False)


@pytest.fixture
def processes(spec):
    return {process.name: process for process in plan(spec, PORTS, ENVIRON, Path("/scratch"))}


def only_text(process):
    [text] = process.files.values()
    return text


def test_each_server_that_runs_here_is_a_process_and_the_gateway_comes_last(processes):
    assert list(processes) == ["clock", "units", "gateway"]


@pytest.mark.parity("aggregate.configmap")
def test_the_gateway_reads_the_text_of_the_clusters_config_map_with_other_addresses(spec, processes):
    in_cluster = gateway_objects(spec)["config"]["data"]["proxy.yaml"]
    address = cluster_address(spec)
    for name in ("clock", "units"):
        assert address(name) in in_cluster
        in_cluster = in_cluster.replace(address(name), f"http://127.0.0.1:{PORTS[name]}")
    assert only_text(processes["gateway"]).encode() == in_cluster.encode()


def test_a_wrapped_server_reads_the_very_text_of_the_clusters_config_map(spec, processes):
    in_cluster = server_objects(spec, "clock", lambda key: key)["config"]["data"]["proxy.yaml"]
    assert only_text(processes["clock"]).encode() == in_cluster.encode()


def test_the_proxies_are_told_where_their_text_is_and_where_to_listen(processes):
    for name in ("clock", "gateway"):
        [path] = processes[name].files
        assert path == Path("/scratch") / name / "proxy.yaml"
        assert processes[name].argv[-4:] == ("--config", str(path), "--listen", f"127.0.0.1:{PORTS[name]}")


@pytest.mark.parametrize(("in_gateway", "page"), [(True, "/livez"), (False, "/readyz")])
def test_what_a_look_through_the_gateway_explains_is_looked_at_as_soon_as_it_serves(stack, in_gateway, page):
    """One whose process fails at its start would never be ready, and nobody would say why."""
    spec = load_spec(changed(stack, {"servers.clock.in_gateway": in_gateway}), "local", cluster=False)
    pages = {process.name: process.ready for process in plan(spec, PORTS, ENVIRON, Path("/scratch"))}
    assert pages == {"clock": page, "units": None, "gateway": "/readyz"}


def test_a_program_of_its_own_learns_its_port_by_placeholder_and_by_variable(processes):
    assert processes["units"].argv == ("python", "units.py", "40002")
    assert processes["units"].env["PORT"] == "40002"


def test_endpoints_are_where_the_processes_serve_them(processes):
    assert {name: process.url for name, process in processes.items()} == {
        "clock": "http://127.0.0.1:40001/servers/clock/mcp",
        "units": "http://127.0.0.1:40002/units",
        "gateway": "http://127.0.0.1:8080/mcp",
    }


def test_each_process_has_its_own_variables_and_nobody_elses(processes):
    base = {"PATH": "/usr/bin", "HOME": "/home/dev"}
    assert {name: dict(process.env) for name, process in processes.items()} == {
        "clock": {**base, "CLOCK_KEY": "tick"},
        "units": {**base, "DIGITS": "12", "PORT": "40002"},
        "gateway": {**base, "SENTRY_TOKEN": "seen", "SSL_CERT_FILE": "/ca.pem"},
    }


def test_secrets_stand_in_no_file_and_no_argument(processes):
    shown = "\n".join(f"{process!r} {process.argv} {process.files}" for process in processes.values())
    assert not any(ENVIRON[name] in shown for name in ("CLOCK_KEY", "SENTRY_TOKEN"))


def test_a_placeholder_that_nothing_fills_is_named_with_its_place(stack):
    stack["servers"]["units"]["local"]["command"] = ["python", "--key", "${UNITS_KEY}"]
    with pytest.raises(ConfigError) as caught:
        plan(load_spec(stack, "local", cluster=False), PORTS, ENVIRON, Path("/scratch"))
    assert str(caught.value).splitlines() == [
        "Pulumi.local.yaml: 1 problem",
        "  servers.units.local.command[2]: environment variable UNITS_KEY is not set; set it, or write `${UNITS_KEY:-default}`",
    ]
