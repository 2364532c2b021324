"""What servers once said (`exchanges/*.http`), changed: an answer or a typed error, and nothing is left for the next request."""

import socket
from pathlib import Path
from random import Random

from mcp_stack_proxy.errors import Reason
from tests.fuzz.mutations import pieces
from tests.fuzz.target import Target
from tests.upstream.http.wire import Wire, outcome

CORPUS = tuple(path.read_bytes() for path in sorted((Path(__file__).parents[1] / "exchanges").glob("*.http")))
FRAGMENTS = (
    b"\r\n",
    b"\r\n\r\n",
    b"0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"Content-Length: 3\r\n",
    b"content-length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"transfer-encoding: gzip\r\n",
    b"connection: close\r\n",
    b"HTTP/1.1 101 X\r\nUpgrade: y\r\nConnection: upgrade\r\n\r\n",
    b"ffffffffffffffff\r\n",
)
BODY = b'{"next":true}'
NEXT = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
_RAW = socket.socket()


def check(data: bytes, rng: Random) -> str:
    wire = Wire(_RAW)
    response = wire.ask()
    wire.feed(pieces(rng, data))
    if response.complete and wire.connection in wire.pool.free and not wire.connection.closing:
        body = outcome(response)
        assert isinstance(body, bytes)
        wire.pool.free.remove(wire.connection)
        following = wire.ask()
        assert not following.status, "answered before it was asked"
        wire.feed(pieces(rng, NEXT))
        assert (following.status, outcome(following)) == (200, BODY), "got what was left of another answer"
        wire.end()
        taken = "kept"
    else:
        wire.end()
        result = outcome(response)
        assert isinstance(result, bytes) or result in (Reason.INVALID, Reason.UNREACHABLE), result
        taken = "answered" if isinstance(result, bytes) else result.name.lower()
    assert wire.pool.gone == [wire.connection]
    assert not response.status or 200 <= response.status <= 599
    return taken


TARGET = Target("http-client", CORPUS, FRAGMENTS, check, frozenset({"kept", "answered", "invalid", "unreachable"}))
