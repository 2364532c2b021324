"""Cursors that a client hands back: one that was given out, or an error. Two texts never mean one place."""

import base64
import json
from random import Random

from mcp_stack_proxy.catalog.cursors import Cursor, decode_cursor, encode_cursor
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, RpcError
from tests.fuzz.target import Target

CORPUS = tuple(
    encode_cursor(Cursor(server, key, before)).encode()
    for server, key, before in [("s", "tool", 0), ("a-server", "h\xe9", 3), ("x" * 40, 'quo"ted\\', 10**12), ("", "", 0)]
)
FRAGMENTS = (b"=", b"==", b"+", b"/", b"-", b"_", b" ", b"\n", b"W10", b"WyJzIiwidCIsMF0", b"WyJzIiwidCIsLTFd")


def check(data: bytes, rng: Random) -> str:
    text = data.decode("latin-1") if rng.random() < 0.5 else data.decode(errors="replace")
    try:
        cursor = decode_cursor(text)
    except RpcError as refusal:
        assert refusal.code == INVALID_PARAMS
        return "refused"
    assert encode_cursor(cursor) == text
    assert json.loads(base64.urlsafe_b64decode(text + "==")) == [cursor.server, cursor.key, cursor.before]
    assert cursor.before >= 0
    return "read"


TARGET = Target("cursors", CORPUS, FRAGMENTS, check, frozenset({"read", "refused"}))
