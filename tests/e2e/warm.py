"""Python that has our code imported: a process that forks, and a command that is `python` by way of it.

The tests start the language host and the package's host a hundred times, and nearly all of a start is imports, which are the same
each time. Here they are made once. What is forked is a process of its own, with the arguments, variables, directory and open files
of whoever asked for it; it ends when the command is ended.

    python -m tests.e2e.warm NUMBER   serves at a listening Unix socket, open under that number
"""

import gc
import os
import runpy
import shlex
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e import warm_client
from tests.e2e.warm_client import LENGTH_BYTES, OPEN
from tests.judges.stacks import ROOT

WAITING = 128


@contextmanager
def warm(directory: Path) -> Iterator[Path]:
    """A `python` in `directory`, which is warm."""
    script, place = directory / "python", directory / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen(WAITING)
        number = listening.fileno()
        process = subprocess.Popen([sys.executable, "-m", __name__, str(number)], cwd=ROOT, pass_fds=[number])
    command = shlex.join([sys.executable, "-I", "-S", warm_client.__file__, str(place)])
    script.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
    script.chmod(0o755)
    try:
        yield script
    finally:
        process.terminate()
        process.wait()


def serve(number: int) -> None:
    """Until this process is ended: a process for each connection."""
    import tests.e2e.language_host  # noqa: F401 - what the others are to have

    listening = socket.socket(fileno=number)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them here
    gc.freeze()
    while True:
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            become(connection)
        connection.close()


def become(connection: socket.socket) -> None:
    """Runs in the new process, and does not return."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        first, files, _, _ = socket.recv_fds(connection, LENGTH_BYTES, OPEN)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        said = b""
        while len(said) < int.from_bytes(first):
            said += connection.recv(1 << 16)
        place, count, *rest = os.fsdecode(said).split("\0")
        os.chdir(place)
        os.environ.clear()
        os.environ.update(dict(one.split("=", 1) for one in rest[int(count) :]))
        threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
        code = _run(rest[: int(count)])
    finally:
        sys.stdout.flush()
        connection.send(bytes([code]))
        os._exit(code)


def _end_with(connection: socket.socket) -> None:
    connection.recv(1)
    os._exit(1)


def _run(arguments: list[str]) -> int:
    """As Python does: a module by its name, or what a directory holds."""
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            sys.modules.pop(arguments[1], None)  # it runs under another name
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve(int(sys.argv[1]))
