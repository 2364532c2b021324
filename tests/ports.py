"""Ports for processes that are started later, which nobody else gets in the meantime."""

import socket
import sys
from contextlib import contextmanager


class Reserved:
    """A port to which a socket is bound that does not listen, until `close`.

    The system gives the port to nobody who asks for any, and refuses who connects. A server that asks for just this port gets it,
    again and again, with SO_REUSEADDR as servers set it (Linux; elsewhere two sockets cannot share a port, and it is only chosen).
    """

    def __init__(self, host="127.0.0.1"):
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, 0))
        self.port = self._socket.getsockname()[1]
        if sys.platform != "linux":
            self._socket.close()

    def close(self):
        self._socket.close()


@contextmanager
def reserved(host="127.0.0.1"):
    """A port that is kept until the end of the block."""
    found = Reserved(host)
    try:
        yield found.port
    finally:
        found.close()
