import json

import pytest

from mcp_stack_proxy.wire.batch import MAX_BATCH, decode_batch, encode_batch, is_batch
from mcp_stack_proxy.wire.errors import RpcError

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.mark.parametrize(
    ("body", "is_one"), [(b"[]", True), (b" \r\n\t[1]", True), (b"{}", False), (b"", False), (b"\xef\xbb\xbf[]", False)]
)
def test_a_batch_is_told_by_its_first_character(body, is_one):
    assert is_batch(body) is is_one


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"[]", -32600, "at least one"),
        (b"[1", -32700, "JSON"),
        (b"[" * 100_000 + b"]" * 100_000, -32700, "JSON"),
        (json.dumps([PING] * (MAX_BATCH + 1)).encode(), -32600, f"at most {MAX_BATCH}"),
        (json.dumps([PING, {**PING, "method": "initialize"}]).encode(), -32600, "initialize"),
    ],
)
@pytest.mark.requirement("base:batch.refused")
def test_what_is_no_batch_is_refused_as_a_whole(body, code, says):
    with pytest.raises(RpcError, match=says) as caught:
        decode_batch(body)
    assert caught.value.code == code


def test_what_is_no_message_is_an_error_in_its_place():
    first, second, third = decode_batch(json.dumps([1, PING, {"jsonrpc": "2.0"}]).encode())
    assert isinstance(first, RpcError)
    assert second.method == "ping"
    assert isinstance(third, RpcError)
    assert (first.code, third.code) == (-32600, -32600)


def test_a_batch_goes_on_as_it_was_read():
    body = b'[{"jsonrpc":"2.0","id":1,"method":"a","method":"ping","x":{"y": [1.50]}}, 7]'
    assert encode_batch(decode_batch(body)) == b'[{"jsonrpc":"2.0","id":1,"method":"ping","x":{"y": [1.50]}}]'
