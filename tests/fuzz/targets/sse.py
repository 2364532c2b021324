"""Event streams: however they are cut they mean the same, and what they mean is what the standard says."""

from random import Random

from mcp_stack_proxy.errors import Reason
from tests.fuzz.mutations import pieces
from tests.fuzz.target import Target
from tests.wire.sse_reference import PLENTY, parsed, reference

LIMIT = 50

CORPUS = (
    b'event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n',
    b'id: 1\ndata:\nretry: 100\n\nid: 2\nevent: message\ndata: {"jsonrpc":"2.0","method":"n"}\n\n: ping\n\ndata: last\n\n',
    b"\xef\xbb\xbfdata: a\r\ndata: b\r\n\r\nevent: endpoint\rdata: /messages?x=1\r\r",
    b": keep-alive\n\n: keep-alive\n\ndata: h\xc3\xa9\n\nid\ndata\n\n",
)
FRAGMENTS = (b"\n\n", b"\r\n", b"\r", b"\n", b"data: ", b"data", b"id: \0\n", b"retry: 99999999999\n", b"\xef\xbb\xbf", b":" * 50)


def check(data: bytes, rng: Random) -> str:
    events, reason = parsed([data], PLENTY)
    assert reason is None
    assert events == reference(data)
    assert parsed(pieces(rng, data), PLENTY) == (events, None)
    bounded, gave_up = parsed(pieces(rng, data), LIMIT)
    assert gave_up in (None, Reason.INVALID)
    assert bounded == events[: len(bounded)]
    if gave_up is None:
        assert bounded == events
        return "read"
    return "given up"


TARGET = Target("sse", CORPUS, FRAGMENTS, check, frozenset({"read", "given up"}))
