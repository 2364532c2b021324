"""How a call ended is told from as little of its answer as can be."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.errors import Reason
from mcp_stack_proxy.observe.outcomes import (
    HALF,
    OUTCOMES,
    of_body,
    of_code,
    of_error,
    of_events,
    of_refusal,
    of_result,
)
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import PROXY_ERROR, RpcError, UnknownTool

FAR = {"text": "x" * 3 * HALF}


def body(**members):
    return json.dumps({"jsonrpc": "2.0", "id": 1, **members}).encode()


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"content": []}, "ok"),
        ({"content": [], "isError": False}, "ok"),
        ({"content": [], "isError": True}, "tool-error"),
        ({"content": [], "structuredContent": {"isError": True}}, "ok"),
        ({"content": [], "structuredContent": {"isError": True}, "isError": True}, "tool-error"),
        ({"isError": True, "content": [FAR]}, "tool-error"),
        ({"content": [FAR], "isError": True}, "tool-error"),
        ({"content": [FAR], "isError": True, "structuredContent": FAR}, "ok"),  # beyond the bound, as the module says
        ({"content": [{"text": 'he said "isError":true'}]}, "ok"),
    ],
)
def test_a_failed_tool_is_one_that_says_so(result, expected):
    assert of_result(bytes(raw(result)), "tools/call") == expected
    assert of_body(body(result=result), "tools/call") == (expected, None)
    assert of_events(b"data: " + body(result=result) + b"\n\n") == ("tool-error" if result.get("isError") else "ok", None)
    assert of_result(bytes(raw(result)), "prompts/get") == "ok"


def test_a_result_that_is_no_object_is_no_failure():
    assert of_result(b'["isError":true', "tools/call") == "ok"


@pytest.mark.parametrize(
    ("data", "status", "expected"),
    [
        (body(error={"code": -32601, "message": ""}), 200, ("method-not-found", -32601)),
        (body(error={"code": -32601, "message": ""}), 404, ("method-not-found", -32601)),
        (body(error={"code": -31002, "message": ""}), 200, ("upstream-timeout", -31002)),
        (body(error={"code": -31013, "message": ""}), 200, ("upstream-silent", -31013)),
        (body(error={"code": -31014, "message": ""}), 200, ("upstream-connect-timeout", -31014)),
        (body(error={"code": -31015, "message": ""}), 200, ("upstream-discovery-timeout", -31015)),
        (body(error={"code": 4711, "message": "", "data": {"result": 1}}), 200, ("server-error", 4711)),
        (body(error={"code": "x"}), 200, ("server-error", None)),
        (body(error=5), 200, ("server-error", None)),
        (body(result={"error": "no"}), 200, ("ok", None)),
        (body(id="i" * 600, result={}), 200, ("ok", None)),
        (body(id="i" * 600, error={"code": -32602}), 200, ("invalid-params", -32602)),
        (body(result={}), 500, ("ok", None)),
        (body(method="x"), 200, ("unknown", None)),
        (b"gone", 502, ("rejected", None)),
        (b"gone", 200, ("unknown", None)),
        (b"{}", 400, ("rejected", None)),
        (b"", 202, ("unknown", None)),
    ],
)
def test_a_relayed_answer_is_told_by_its_first_member(data, status, expected):
    assert of_body(data, "tools/call", status) == expected


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        (b'id: 1\ndata: {"jsonrpc":"2.0","method":"x"}\n\ndata: ' + body(result={}) + b"\n\n", ("ok", None)),
        (b'event: message\r\ndata: {"jsonrpc":"2.0","id":1,\r\ndata: "error":{"code":-32603}}\r\n\r\n', ("internal-error", -32603)),
        (b"data:" + body(method="notifications/progress") + b"\n\n", ("unknown", None)),
        (b": beat\n\n", ("unknown", None)),
        (b'ult":{}}\n\n', ("unknown", None)),
        (b"", ("unknown", None)),
    ],
)
def test_a_stream_is_told_by_its_last_event(tail, expected):
    assert of_events(tail) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UnknownTool("x"), "unknown-name"),
        (RpcError(-32602, "", {"reason": "invalid-arguments"}), "invalid-arguments"),
        (RpcError(-32602, "", {"reason": "made up"}), "invalid-params"),
        (RpcError(-31001, ""), "upstream-unreachable"),
        (RpcError(99, ""), "server-error"),
    ],
)
def test_a_refusal_is_told_by_its_reason(error, expected):
    assert of_refusal(error) == expected


def test_every_reason_and_code_has_a_word_of_the_vocabulary():
    assert {str(reason) for reason in Reason} <= OUTCOMES
    assert {of_code(code) for code in (*PROXY_ERROR.values(), None, 0, -32700)} <= OUTCOMES
    assert len(OUTCOMES) < 40


@given(st.binary(max_size=200), st.integers(100, 599))
def test_no_answer_makes_up_an_outcome(data, status):
    assert of_body(data, "tools/call", status)[0] in OUTCOMES
    assert of_events(data, status)[0] in OUTCOMES
    assert of_error(msgspec.Raw(data))[0] in OUTCOMES
