"""Tiny programs to supervise, and what the system says about them afterwards."""

import asyncio
import sys
from pathlib import Path

from mcp_stack.local.plan import Process
from tests.deadlines import SOON

WAITS = "import signal; signal.pause()"
IGNORES_SIGTERM = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
HAS_A_CHILD = "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"
LISTENS = "import os, socket, signal; s = socket.create_server(('127.0.0.1', int(os.environ['PORT']))); signal.pause()"


def python(code, *, name="one", port=1, env=None):
    """A process that runs `code`."""
    variables = {"PATH": "/usr/bin:/bin", "PORT": str(port), **(env or {})}
    return Process(name, "image", (sys.executable, "-c", code), variables, port, "/mcp", None, {})


def is_alive(pid):
    """Whether a process of that id runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid):
    """Wait until no process of that id runs."""
    async with asyncio.timeout(SOON):
        while is_alive(pid):
            await asyncio.sleep(0.01)
