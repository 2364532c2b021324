"""What is missing is said all at once, before anything starts."""

import os
import socket
from pathlib import Path

import pytest

from mcp_stack.local.ports import free_ports
from mcp_stack.local.preflight import preflight
from tests.local.stacks import PYTHON_SERVER, spec_of

HOST = "127.0.0.1"
PATH = {"PATH": os.environ["PATH"]}
IMAGE = {"repository": "acme/units", "tag": "1.0.0"}
CLOCK = {"command": ["python3", "clock.py"]}


def problems(spec, tmp_path, environ=PATH, port=None):
    return [str(problem) for problem in preflight(spec, tmp_path, environ, port or free_ports(HOST, 1)[0])]


def test_a_stack_that_can_run_has_no_problem(tmp_path):
    assert problems(spec_of({"clock": CLOCK}), tmp_path) == []


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (
            {"command": ["no-such-program", "x"]},
            "servers.one.command[0]: program 'no-such-program' is not found in $PATH; install it, or correct the command",
        ),
        (
            {"image": IMAGE, "local": {"command": ["bin/server"]}},
            "servers.one.local.command[0]: program 'bin/server' is not found in {directory}; install it, or correct the command",
        ),
        (
            {"image": IMAGE, "local": {"command": [".venv-legacy/bin/python", "x.py"]}},
            "servers.one.local.command[0]: program '.venv-legacy/bin/python' is not found in {directory}; `make install` makes it",
        ),
        (
            {"image": IMAGE},
            "servers.one.local: required to run on this machine, where an image is no process: "
            "`local: {{command: [program, …]}}`; or leave the server out with `enabled: false`",
        ),
        (
            {**CLOCK, "env": {"API_KEY": {"secret": "key"}}, "secrets": {"key": {"config": "api-key"}}},
            "servers.one.env.API_KEY: secret 'key' is read from $API_KEY on this machine, which is not set; export API_KEY=…",
        ),
        (
            {
                "url": "https://example.com/mcp",
                "headers": {"X-Key": "${API_KEY}"},
                "env": {"API_KEY": {"secret": "key"}},
                "secrets": {"key": {"config": "api-key"}},
            },
            "servers.one.env.API_KEY: secret 'key' is read from $API_KEY on this machine, which is not set; export API_KEY=…",
        ),
        (
            {**CLOCK, "files": {"/etc/acme/a.toml": {"content": "x = 1"}}},
            'servers.one.files."/etc/acme/a.toml": is put into containers only; create the file on this machine for a local run',
        ),
        (
            {**CLOCK, "storage": {"claims": {"data": {"path": "/acme/data", "size": "1Gi"}}}},
            "servers.one.storage.claims.data: is put into containers only; create '/acme/data' on this machine for a local run",
        ),
        (
            {**CLOCK, "volumes": {"own": {"path": "/acme/own", "empty_dir": {}}}},
            "servers.one.volumes.own: is put into containers only; create '/acme/own' on this machine for a local run",
        ),
        (
            {**CLOCK, "init_containers": [{"name": "migrate", "image": IMAGE}]},
            "servers.one.init_containers: run only in a cluster; leave them out in the stack that runs here",
        ),
        (
            {**CLOCK, "env": {"POD": {"field": "metadata.name"}}},
            "servers.one.env.POD: exists only in a cluster; give a text in the stack that runs here",
        ),
        (
            {**PYTHON_SERVER, "env_from": [{"existing_secret": "acme"}]},
            "servers.one.env_from[0]: 'acme' exists only in a cluster; give its variables in `env`",
        ),
    ],
)
def test_what_a_server_lacks_is_named_with_its_place_and_the_remedy(server, expected, tmp_path):
    path = {"PATH": os.environ["PATH"]}
    found = problems(spec_of({"one": server}), tmp_path, path)
    assert [line for line in found if "'python'" not in line] == [expected.format(directory=tmp_path)]


def test_a_program_of_the_project_is_found_from_its_directory(tmp_path):
    program = tmp_path / "bin" / "server"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert problems(spec_of({"one": {"image": IMAGE, "local": {"command": ["bin/server"]}}}), tmp_path) == []


def test_everything_is_said_at_once(tmp_path):
    servers = {"a": {"command": ["no-such-a"]}, "b": {"image": IMAGE}, "c": {"command": ["no-such-c"]}}
    assert [line.partition(":")[0] for line in problems(spec_of(servers), tmp_path)] == [
        "servers.b.local",
        "servers.a.command[0]",
        "servers.c.command[0]",
    ]


def test_one_variable_cannot_be_two_secrets(tmp_path):
    servers = {
        name: {**CLOCK, "env": {"API_KEY": {"secret": name}}, "secrets": {name: {"config": name}}} for name in ("first", "second")
    }
    assert problems(spec_of(servers), tmp_path, {**PATH, "API_KEY": "x"}) == [
        "servers.second.env.API_KEY: secret 'second' here, and 'first' for server 'first': "
        "the environment has one API_KEY; let one of the servers read another variable"
    ]


def test_a_shared_secret_is_one_variable_for_all(tmp_path):
    servers = {name: {**CLOCK, "env": {"API_KEY": {"secret": "key"}}} for name in ("first", "second")}
    spec = spec_of(servers, secrets={"key": {"config": "key"}})
    assert problems(spec, tmp_path, {**PATH, "API_KEY": "x"}) == []


def test_a_run_without_its_gateway_is_refused(tmp_path):
    spec = spec_of({"one": CLOCK}, gateway={"enabled": False})
    assert problems(spec, tmp_path) == ["gateway.enabled: false, and a local run is reached through its gateway; remove it"]


def test_ports_in_use_are_named_with_who_has_them(tmp_path):
    with socket.create_server((HOST, 0)) as gateway, socket.create_server((HOST, 0)) as other:
        taken, fixed = gateway.getsockname()[1], other.getsockname()[1]
        server = {"image": IMAGE, "local": {"command": ["python3"], "port": fixed}}
        me = f"{Path('/proc/self/comm').read_text().strip()} (pid {os.getpid()})"
        assert problems(spec_of({"one": server}), tmp_path, PATH, taken) == [
            f"gateway.port: {taken} is in use by {me}; stop it, or choose another port with `--port`",
            f"servers.one.local.port: {fixed} is in use by {me}; stop it, or choose another port",
        ]
