"""What a server answers, for clients that are answered by the proxy."""

import json

import pytest
from msgspec import Raw

from mcp_stack_proxy.errors import UpstreamError
from mcp_stack_proxy.upstream.bridging import error_of


@pytest.mark.parametrize("data", ['"resources/subscribe"', '{"uri":"a:b","x":1.0}', "[1]", "null", "false"])
def test_an_errors_data_is_any_json_and_stays_as_it_is(data):
    error = Raw(b'{"code":-32601,"message":"Method not found","data":%b}' % data.encode())
    told = json.loads(error_of(error).body(Raw(b"1")))
    assert told == {"jsonrpc": "2.0", "id": 1, "error": json.loads(bytes(error))}
    assert error_of(error).members == {}


def test_an_error_without_data_has_none():
    assert json.loads(error_of(Raw(b'{"code":1,"message":"m"}')).body(None))["error"] == {"code": 1, "message": "m"}


@pytest.mark.parametrize("error", [b'"no"', b'{"code":"1","message":"m"}', b'{"code":1}', b"[" * 100_000])
def test_what_is_no_error_is_the_servers_fault(error):
    with pytest.raises(UpstreamError, match="an error that is none"):
        error_of(Raw(error))
