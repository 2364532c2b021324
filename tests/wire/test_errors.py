"""Codes, statuses, and what a client is told about a server's fault."""

import json

import pytest
from msgspec import Raw

from mcp_stack_proxy.errors import ClientError, Reason, UpstreamError
from mcp_stack_proxy.wire import errors
from mcp_stack_proxy.wire.errors import PROXY_ERROR, RpcError, error_for, status_of


@pytest.mark.requirement("modern:status.errors")
@pytest.mark.parametrize(
    ("code", "status"),
    [
        (-32700, 400),
        (-32600, 400),
        (-32602, 400),
        (-32601, 404),
        (-32020, 400),
        (-32021, 400),
        (-32022, 400),
        (-32603, 200),
        (-32002, 200),
        (-31001, 200),
        (1, 200),
    ],
)
def test_an_error_has_the_status_that_the_modern_wire_prescribes(code, status):
    assert status_of(code) == status


def test_the_codes_are_those_of_the_specification():
    assert (errors.PARSE_ERROR, errors.INVALID_REQUEST, errors.METHOD_NOT_FOUND) == (-32700, -32600, -32601)
    assert (errors.INVALID_PARAMS, errors.INTERNAL_ERROR, errors.RESOURCE_NOT_FOUND) == (-32602, -32603, -32002)
    assert (errors.HEADER_MISMATCH, errors.MISSING_CAPABILITY, errors.UNSUPPORTED_VERSION) == (-32020, -32021, -32022)


@pytest.mark.requirement("base:error-codes.own")
def test_our_own_codes_stay_out_of_the_reserved_range_and_differ():
    assert all(not -32768 <= code <= -32000 for code in PROXY_ERROR.values())
    assert len(set(PROXY_ERROR.values())) == len(PROXY_ERROR)
    assert set(Reason) - set(PROXY_ERROR) == {Reason.UNKNOWN_NAME, Reason.INVALID_ARGUMENTS}


@pytest.mark.parametrize("id_", ["1", '"a"', "123456789012345678901234567890"])
def test_an_error_answers_the_request_that_it_is_about(id_):
    body = RpcError(-32602, "no", {"uri": "a+b"}).body(Raw(id_.encode()))
    assert body == b'{"jsonrpc":"2.0","id":' + id_.encode() + b',"error":{"code":-32602,"message":"no","data":{"uri":"a+b"}}}'


@pytest.mark.requirement("base:error.without-id")
def test_an_error_about_no_request_has_the_id_null():
    assert json.loads(RpcError(-32700, "no").body(None)) == {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32700, "message": "no"},
    }


@pytest.mark.parametrize(
    ("fault", "server", "code", "message", "data"),
    [
        (
            UpstreamError(Reason.TIMEOUT, "was slow", retryable=True),
            "clock",
            -31002,
            "server 'clock': was slow",
            {"reason": "upstream-timeout", "retryable": True, "server": "clock"},
        ),
        (
            UpstreamError(Reason.UNSUPPORTED, "cannot", hint="ask otherwise", status=500),
            "clock",
            -31005,
            "server 'clock': cannot",
            {"reason": "unsupported", "retryable": False, "server": "clock", "hint": "ask otherwise"},
        ),
        (ClientError(Reason.DRAINING, "later"), None, -31006, "later", {"reason": "draining", "retryable": False}),
        (ClientError(Reason.UNKNOWN_NAME, "who?"), None, -32602, "who?", {"reason": "unknown-name", "retryable": False}),
    ],
)
def test_a_fault_is_told_with_its_reason_and_whether_asking_again_is_safe(fault, server, code, message, data):
    error = error_for(fault, server)
    assert (error.code, error.message, error.data) == (code, message, data)
    assert json.loads(error.body(Raw(b"1")))["error"] == {"code": code, "message": message, "data": data}
