"""Session ids: everything that a session has to know, in a header that every client can send."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.wire.sealing import Keyring
from mcp_stack_proxy.wire.session_ids import (
    MAX_MEMBER,
    MAX_UPSTREAM,
    SessionState,
    bounded_capabilities,
    bounded_client,
    session_ids,
)

IDS = session_ids(Keyring([bytes(range(32))]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=20,
)


def raw(value):
    return Raw(json.dumps(value).encode())


def test_a_session_comes_back_with_all_that_was_agreed_on():
    state = SessionState("clock", "2025-11-25", "alice", 1.7e9, "10.0.0.1:8080", b'{"name":"c"}', b'{"roots":{}}', None)
    assert IDS.open(IDS.seal(state)) == state


def test_an_id_fits_into_a_header_even_where_two_proxies_stand_in_a_row():
    most = SessionState("s" * 40, "2025-11-25", "u" * 128, 1.7e9, "h" * 60, b"x" * MAX_MEMBER, b"x" * MAX_MEMBER)
    inner = IDS.seal(most)
    assert len(inner) < 1600
    assert len(inner) < MAX_UPSTREAM
    outer = IDS.seal(SessionState("s" * 40, "", "u" * 128, 1.7e9, "h" * 60, upstream=inner))
    assert len(outer) < 2600
    usual = SessionState(
        "clock", "2025-11-25", "alice", 1.7e9, "10.0.0.1:8080", b'{"name":"a-client","version":"1.2.3"}', b'{"roots":{}}'
    )
    assert len(IDS.seal(usual)) < 256
    longest = IDS.seal(SessionState("s" * 40, "", "u" * 128, 1.7e9, "h" * 60, upstream="i" * MAX_UPSTREAM))
    assert IDS.open(longest) is not None


@pytest.mark.parametrize("bounded", [bounded_client, bounded_capabilities])
def test_what_fits_is_carried_byte_for_byte(bounded):
    value = Raw(b'{ "name" : "c", "experimental":{"x":1} }')
    assert bounded(value) == bytes(value)
    assert bounded(None) == b""


@pytest.mark.parametrize(
    ("info", "kept"),
    [
        ({"name": "c", "version": "1", "icons": ["x" * 500]}, {"name": "c", "version": "1"}),
        ({"name": "c" * 500, "version": 7}, {"name": "c" * 100}),
        ({"title": "t" * 500}, None),
        (["x" * 500], None),
        ({"name": "\x01" * 500}, None),
    ],
)
def test_of_a_long_introduction_name_and_version_are_kept(info, kept):
    found = bounded_client(raw(info))
    assert (json.loads(found) if found else None) == kept


@pytest.mark.parametrize(
    ("declared", "kept"),
    [
        ({"experimental": {"x": "y" * 500}, "sampling": {"tools": {}}, "roots": {}}, {"roots": {}, "sampling": {"tools": {}}}),
        ({"sampling": {"x": "y" * 500}, "elicitation": {"url": {}}}, {"elicitation": {"url": {}}}),
        (["x" * 500], {}),
    ],
)
def test_of_many_capabilities_those_are_kept_that_the_protocol_knows(declared, kept):
    assert json.loads(bounded_capabilities(raw(declared))) == kept


@given(JSON)
def test_capabilities_are_bounded_and_never_widened(value):
    found = bounded_capabilities(raw(value))
    assert len(found) <= MAX_MEMBER
    kept = json.loads(found)
    assert kept == value or kept.items() <= (value if isinstance(value, dict) else {}).items()


@given(JSON)
def test_an_introduction_is_bounded(value):
    assert len(bounded_client(raw(value))) <= MAX_MEMBER
