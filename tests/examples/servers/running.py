"""The bundled example servers as the processes that they are."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
SERVERS = ROOT / "examples" / "servers"
LEGACY_PYTHON = ROOT / ".venv-legacy" / "bin" / "python"

START_SECONDS = 30
STOP_SECONDS = 3
"""Generous: it takes a tenth of a second, a full one where a stream is open."""


class Running:
    """A server on a port of its own."""

    def __init__(self, process, port):
        self.process = process
        self.url = f"http://127.0.0.1:{port}/mcp"

    def stop(self):
        """SIGTERM, and its exit code: a server of uvicorn ends by the signal once it has finished."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def serving(name, *arguments, python=sys.executable):
    """Runs an HTTP server of the examples until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([python, SERVERS / name, *arguments], env={"PATH": os.environ["PATH"], "PORT": str(port)})
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _accepts(port):
            assert process.poll() is None, f"{name} ended before it listened"
            assert time.monotonic() < deadline, f"{name} did not listen within {START_SECONDS} s"
            time.sleep(0.02)
        yield Running(process, port)
    finally:
        process.kill()
        process.wait(STOP_SECONDS)


def _accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
