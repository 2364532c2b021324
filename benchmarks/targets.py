"""The processes of a run: the server behind, nginx in front of it, and the proxy in front of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .asks import Ask, ask
from .interpreter import environment, python
from .machine import LOAD_CORE, SYSTEM_CORE, find, on_core

BIN = Path(sys.executable).parent
_START_SECONDS = 30

_NGINX = """\
daemon off; worker_processes 1; pid {directory}/nginx.pid; error_log {directory}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {directory}/b; proxy_temp_path {directory}/p; fastcgi_temp_path {directory}/f;
  uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s; keepalive_requests 100000000;
  upstream stub {{ server {stub}; keepalive 64; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://stub; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Target:
    """A running process and the URL to call."""

    url: str
    pid: int
    start_seconds: float
    """From the start of the process to its first good answer."""


@contextmanager
def stub(directory: Path) -> Iterator[str]:
    """The C server, compiled to `directory/stub` and running; its address as HOST:PORT."""
    program, port_file = directory / "stub", directory / "stub.port"
    source = Path(__file__).parent / "stub.c"
    subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True)
    with running(on_core(LOAD_CORE, program, port_file)) as process:
        deadline = time.monotonic() + _START_SECONDS
        while not (port_file.exists() and port_file.read_text().strip()):
            _alive(process, deadline, "the stub")
        yield f"127.0.0.1:{port_file.read_text().strip()}"


@contextmanager
def nginx(directory: Path, server: str, first: Ask) -> Iterator[Target]:
    """nginx as a plain reverse proxy with one worker and pooled connections: the yardstick."""
    directory.mkdir()
    port = free_port()
    config = directory / "nginx.conf"
    config.write_text(_NGINX.format(directory=directory, port=port, stub=server))
    command = on_core(SYSTEM_CORE, find("nginx") or "nginx", "-c", config, "-e", directory / "error.log")
    with _answering(command, f"http://127.0.0.1:{port}/mcp", first) as target:
        yield target


@contextmanager
def proxy(directory: Path, servers: dict[str, str], path: str, first: Ask) -> Iterator[Target]:
    """`mcp-stack-proxy serve` with one worker over `servers` (name -> URL); `path` is what the target's URL ends with."""
    with configured(directory, {"servers": {name: {"url": url} for name, url in servers.items()}}, path, first) as target:
        yield target


@contextmanager
def configured(directory: Path, settings: dict[str, object], path: str, first: Ask, *arguments: str) -> Iterator[Target]:
    """`mcp-stack-proxy serve` with `settings` as its configuration, and `arguments` on its command line."""
    directory.mkdir()
    port = free_port()
    config = directory / "proxy.yaml"
    config.write_text(yaml.safe_dump({"listen": f"127.0.0.1:{port}", **settings}))
    command = [python(), "-m", "mcp_stack_proxy.cli", "serve", "--config", config, "--log-level", "warn", *arguments]
    with _answering(on_core(SYSTEM_CORE, *command), f"http://127.0.0.1:{port}{path}", first, environment()) as target:
        yield target


def free_port() -> int:
    """A port that nobody listens on now; the few milliseconds until it is used are a risk that a benchmark can take."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _answering(command: list[str], url: str, first: Ask, variables: dict[str, str] | None = None) -> Iterator[Target]:
    start = time.monotonic()
    with running(command, env=variables) as process:
        while True:
            with suppress(OSError):
                ask(url, first)
                break
            _alive(process, start + _START_SECONDS, url)
        yield Target(url, process.pid, time.monotonic() - start)


def _alive(process: "subprocess.Popen[bytes]", deadline: float, what: str) -> None:
    if process.poll() is not None:
        sys.exit(f"{what} ended with {process.returncode} before it answered")
    if time.monotonic() > deadline:
        sys.exit(f"{what} did not answer within {_START_SECONDS} s")
    time.sleep(0.002)


@contextmanager
def running(command: list[str], log: Path | None = None, **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that ends with the block. What it says goes to `log`; without one, its errors are ours."""
    with (log or Path(os.devnull)).open("ab") as output:
        errors = {"stderr": output} if log else {}
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, start_new_session=True, **errors, **more)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):  # a launcher ends, and leaves what it launched
            os.killpg(process.pid, signal.SIGKILL)
