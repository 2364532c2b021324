"""Cursors: opaque to clients, and of no use to those who make them up."""

import base64
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcp_stack_proxy.catalog.cursors import Cursor, bad_cursor, decode_cursor, encode_cursor
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, RpcError


def text_of(value):
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def outcome(text):
    try:
        return decode_cursor(text)
    except RpcError as error:
        return error.code


@pytest.mark.requirement("lists:cursor.opaque")
@given(st.text(), st.text(), st.integers(0, 2**60))
@example("", "", 0)
@example("a", "x" * 100_000, 0)
def test_a_cursor_comes_back_as_the_position_that_it_was_given_out_for(server, key, before):
    cursor = Cursor(server, key, before)
    text = encode_cursor(cursor)
    assert text.replace("-", "").replace("_", "").isalnum()
    assert decode_cursor(text) == cursor


@pytest.mark.requirement("lists:cursor.invalid")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "garbage!",
        "日本",
        "[]",
        text_of([]),
        text_of(["a", "b"]),
        text_of(["a", "b", -1]),
        text_of(["a", "b", 0, 0]),
        text_of(["a", 1, 0]),
        text_of({"server": "a", "key": "b", "before": 0}),
        text_of("a"),
        text_of(["a", "b", 0]) + "=",
        text_of(["a", "b", 0]) + "\n",
        " " + text_of(["a", "b", 0]),
        base64.urlsafe_b64encode(b'["a", "b", 0]').decode().rstrip("="),
        base64.urlsafe_b64encode(b'["a","\xff",0]').decode().rstrip("="),
        base64.b64encode(json.dumps(["~~~", "???", 0], separators=(",", ":")).encode()).decode(),
        text_of("[" * 50_000),
        base64.urlsafe_b64encode(b"[" * 50_000).decode(),
    ],
    ids=lambda text: text[:12],
)
def test_a_cursor_that_was_never_given_out_is_refused(text):
    assert outcome(text) == INVALID_PARAMS


@pytest.mark.requirement("lists:cursor.invalid")
@given(st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode().rstrip("=")))
def test_any_text_is_a_position_or_refused(text):
    found = outcome(text)
    assert found == INVALID_PARAMS or encode_cursor(found) == text


def test_the_refusal_says_what_to_do():
    assert "first page" in bad_cursor().message
