"""The bundled example servers as the processes that they are."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from tests.deadlines import SOON
from tests.ports import reserved

ROOT = Path(__file__).parents[3]
SERVERS = ROOT / "examples" / "servers"
LEGACY_PYTHON = ROOT / ".venv-legacy" / "bin" / "python"

STOP_SECONDS = 25
"""Less than the 30 s that Kubernetes gives. It takes a tenth of a second, a full one where a stream is open."""


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
    with reserved() as port:
        process = subprocess.Popen([python, SERVERS / name, *arguments], env={"PATH": os.environ["PATH"], "PORT": str(port)})
        try:
            deadline = time.monotonic() + SOON
            while not _accepts(port):
                assert process.poll() is None, f"{name} ended before it listened"
                assert time.monotonic() < deadline, f"{name} did not listen within {SOON} s"
                time.sleep(0.02)
            yield Running(process, port)
        finally:
            process.kill()
            process.wait(SOON)


def _accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
