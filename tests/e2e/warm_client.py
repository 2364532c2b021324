"""`python`, by a process that has our code imported (warm.py). Imports next to nothing itself.

python -I -S warm_client.py SOCKET -m MODULE …   or a directory in the place of `-m MODULE`
"""

import os
import signal
import socket
import sys

OPEN = 3
"""Standard input, output and errors go to the other process."""

LENGTH_BYTES = 8


def ask(path: str, arguments: list[str]) -> int:
    """Exit code of Python run with `arguments`. Where this process is ended, the other one ends."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    variables = [f"{name}={value}" for name, value in os.environ.items()]
    said = os.fsencode("\0".join([os.getcwd(), str(len(arguments)), *arguments, *variables]))  # noqa: PTH109 - pathlib is slow to import
    socket.send_fds(connection, [len(said).to_bytes(LENGTH_BYTES)], list(range(OPEN)))
    connection.sendall(said)
    return (connection.recv(1) or b"\1")[0]


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1], sys.argv[2:]))
