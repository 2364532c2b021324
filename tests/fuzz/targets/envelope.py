"""One message or a batch: a typed refusal, or the message that a second reader of the same bytes sees as well."""

import json
from random import Random

from mcp_stack_proxy.wire.batch import decode_batch, encode_batch, is_batch
from mcp_stack_proxy.wire.envelope import Message, decode_message, encode
from mcp_stack_proxy.wire.errors import RpcError
from tests.fuzz.target import Target

_META = b'"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'
_CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"x":[1,-2.5e3,null,true,"\\u00e9"]},%b}}'

CORPUS = (
    _CALL % _META,
    b'{"jsonrpc":"2.0","id":"a","method":"ping"}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"gone"}}',
    b'{"jsonrpc":"2.0","id":-7,"result":{"content":[{"type":"text","text":"h\xc3\xa9"}],"isError":false}}',
    b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"m","data":{"a":[]}}}',
    b'{ "jsonrpc" : "2.0",\r\n "id" : 9007199254740993,\n "method" : "tools/list", "params" : {} }',
    b'[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","method":"notifications/x"},7]',
)
FRAGMENTS = (
    b'"jsonrpc":"2.0",',
    b'"id":2,',
    b'"id":"1",',
    b'"method":"initialize",',
    b'"result":{},',
    b'"error":{},',
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"NaN",
    b"1e999",
    b'{"a":' * 400,
    b"[" * 1500,
    b"{}",
    b"[]",
    b"\r\n",
)


def check(data: bytes, rng: Random) -> str:
    if is_batch(data):
        return _batch(data)
    try:
        message = decode_message(data)
    except RpcError as refusal:
        assert refusal.code in (-32700, -32600), refusal
        return "refused"
    _seen_alike(message, data)
    return "message"


def _batch(data: bytes) -> str:
    try:
        parts = decode_batch(data)
    except RpcError as refusal:
        assert refusal.code in (-32700, -32600), refusal
        return "refused"
    good = [part for part in parts if isinstance(part, Message)]
    assert json.loads(encode_batch(parts)) == [json.loads(encode(part.members)) for part in good]
    return "batch"


def _seen_alike(message: Message, data: bytes) -> None:
    again = encode(message.members)
    assert b"\n" not in again, "more than a line"
    try:
        seen, passed_on = json.loads(data), json.loads(again)
    except RecursionError:  # a matter of the second reader's stack
        return
    assert repr(passed_on) == repr(seen)
    assert seen["jsonrpc"] == "2.0"
    assert seen.get("method") == message.method
    assert seen.get("id") == (None if message.id is None else json.loads(bytes(message.id)))
    assert message.is_response == ("method" not in seen)
    try:
        message.params()
    except RpcError:
        assert not isinstance(seen["params"], dict)


TARGET = Target("envelope", CORPUS, FRAGMENTS, check, frozenset({"message", "batch", "refused"}))
