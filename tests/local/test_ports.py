"""Ports: free ones are different, taken ones have an owner."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_stack.local.ports import choose_ports, free_ports, is_free, listener
from tests.local.stacks import PYTHON_SERVER, spec_of

HOST = "127.0.0.1"

LISTENER = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
sys.stdin.read()
"""


def test_free_ports_are_different_and_free():
    found = free_ports(HOST, 20)
    assert len(set(found)) == 20
    assert all(is_free(HOST, port) for port in found)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_free_ports_are_none_that_the_system_gives_to_others():
    given_from = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    if given_from < 30_000:
        pytest.skip("this system gives them all")
    assert max(free_ports(HOST, 20)) < given_from


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_the_process_that_listens_is_named():
    with subprocess.Popen([sys.executable, "-c", LISTENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        port = int(process.stdout.readline())
        assert not is_free(HOST, port)
        assert listener(port).endswith(f"(pid {process.pid})")
        process.stdin.close()


def test_a_listener_that_nobody_tells_us_about_is_still_a_sentence(tmp_path):
    assert listener(80, tmp_path) == "another process"


def test_a_port_that_is_only_used_for_a_call_has_no_listener():
    with socket.create_server((HOST, 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert listener(client.getsockname()[1]) == "another process"


def test_every_process_gets_a_port_of_its_own_and_a_fixed_one_is_kept():
    fixed = {**PYTHON_SERVER, "local": {"command": ["python"], "port": 45678}}
    spec = spec_of({"a": PYTHON_SERVER, "b": fixed, "c": {"command": ["x"]}})
    ports = choose_ports(spec, ["a", "b", "c"], HOST, 8080)
    assert ports["b"] == 45678
    assert ports["gateway"] == 8080
    assert len(set(ports.values())) == 4
