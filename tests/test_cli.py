"""`mcp-stack-proxy`: exit codes and words. In this process; tests/serve/test_process.py has the process itself."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import suppress

import pytest

from mcp_stack_proxy import __version__
from mcp_stack_proxy.cli import main
from tests.ports import Reserved
from tests.serve.running import SOON, running

GOOD = {"servers": {"s": {"command": "true"}}}


@pytest.fixture
def written(tmp_path):
    def write(config):
        path = tmp_path / "proxy.json"
        path.write_text(json.dumps(config))
        return str(path)

    return write


@pytest.fixture
def handlers():
    """Those of a process in the foreground, whatever these tests were started as: in the background SIGINT is ignored."""
    usual = {signal.SIGTERM: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}
    inherited = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield usual
    for number, handler in inherited.items():
        signal.signal(number, handler)


def test_a_good_configuration_is_called_good(written, capsys):
    path = written(GOOD)
    assert main(["check-config", path]) == 0
    assert capsys.readouterr().out == f"{path}: good, 1 servers\n"


def test_all_that_is_wrong_with_a_configuration_is_said(written, capsys):
    path = written({"servers": {"s": {"comand": "true"}, "T": {"url": "nonsense"}}, "listen": "x"})
    assert main(["check-config", path]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    for problem in (path, "servers.s.comand", "servers.T", "listen"):
        assert problem in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["serve", "--port", "1"],
        ["serve", "--stdio", "--listen", "127.0.0.1:0"],
        ["check-config"],
    ],
)
def test_a_command_that_is_none_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2


def test_a_level_that_is_none_is_refused(capsys, tmp_path):
    (tmp_path / "proxy.yaml").write_text(json.dumps(GOOD), "utf-8")
    assert main(["serve", "--config", str(tmp_path / "proxy.yaml"), "--log-level", "loud"]) == 2
    assert "'loud'" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert (exit_.value.code, capsys.readouterr().out) == (0, f"{__version__}\n")


async def test_health_is_an_exit_code(capsys, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with running(GOOD["servers"]) as gateway:
        assert await asyncio.to_thread(main, ["health", "--url", f"{gateway.url}/readyz"]) == 0
        assert await asyncio.to_thread(main, ["health", "--url", f"{gateway.url}/nowhere"]) == 1
        assert "HTTP Error 404" in capsys.readouterr().err
        gateway.server._health.draining = True
        assert await asyncio.to_thread(main, ["health", "--url", f"{gateway.url}/readyz"]) == 1
        assert "HTTP Error 503" in capsys.readouterr().err


async def test_what_answers_without_http_is_not_healthy(capsys):
    async def talk(reader, writer):
        writer.write(b"nonsense\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await asyncio.to_thread(main, ["health", "--url", url]) == 1
        assert url in capsys.readouterr().err


def test_health_of_no_address_is_an_error(capsys):
    assert main(["health", "--url", "nonsense"]) == 1
    assert "unknown url type" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_serving_ends_with_a_signal_and_leaves_the_handlers_as_they_were(written, host, capsys, handlers):
    kept = Reserved(host.strip("[]"))
    port = kept.port
    found = []

    def stop_when_it_serves():
        done = threading.Event()
        while not done.wait(0.02):
            with suppress(OSError), urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=SOON) as answer:
                found.append(answer.status)
                os.kill(os.getpid(), signal.SIGTERM)
                return

    thread = threading.Thread(target=stop_when_it_serves, daemon=True)
    thread.start()
    assert main(["serve", "--config", written(GOOD), "--listen", f"{host}:{port}"]) == 0
    thread.join(SOON)
    kept.close()
    assert found == [200]
    assert {number: signal.getsignal(number) for number in handlers} == handlers


def test_a_port_that_is_in_use_is_said_so(written, capsys):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        address = f"127.0.0.1:{held.getsockname()[1]}"
        assert main(["serve", "--config", written(GOOD), "--listen", address]) == 2
    assert f"cannot listen on {address}: the port is in use by another process" in capsys.readouterr().err


def test_an_address_that_is_none_is_said_so(written, capsys):
    assert main(["serve", "--config", written(GOOD), "--listen", "everywhere"]) == 2
    assert "'everywhere' is no HOST:PORT" in capsys.readouterr().err
    config = written({**GOOD, "trust_network": True})
    assert main(["serve", "--config", config, "--listen", "no-such-host.invalid:80"]) == 2
    assert "cannot listen on no-such-host.invalid:80: " in capsys.readouterr().err


def test_draining_ends_the_proxy_as_a_signal_does(written):
    serve = [sys.executable, "-m", "mcp_stack_proxy.cli", "serve", "--config", written(GOOD), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as process:
        timer = threading.Timer(SOON, process.kill)
        timer.start()
        try:
            assert any("serving 1 servers" in line for line in process.stderr)
            assert main(["drain", "--after", "0.01", "--process", str(process.pid)]) == 0
            assert "draining: requests in flight get" in process.stderr.read()
            assert process.wait(SOON) == 0
        finally:
            timer.cancel()
            process.kill()


def test_draining_what_has_gone_is_said(capsys):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(SOON)
    assert main(["drain", "--process", str(process.pid)]) == 1
    assert capsys.readouterr().err == f"process {process.pid}: No such process\n"
