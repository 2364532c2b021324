"""Which key a request presents, by its headers alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.identity import Ambiguous, presented

KEY = b"msk_0123456789abcdefghijklmnopqrstuvwxyz"
NAMES = st.sampled_from([b"authorization", b"x-api-key", b"accept"])
VALUES = st.one_of(
    st.binary(max_size=40),
    st.binary(max_size=40).map(lambda rest: b"Bearer " + rest),
    st.sampled_from([b"Bearer " + KEY, KEY, b"", b"Bearer", b"Basic YTpi", b"Bearer  ", b"bearer\t" + KEY]),
)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], None),
        ([(b"accept", b"*/*")], None),
        ([(b"authorization", b"Bearer " + KEY)], KEY),
        ([(b"authorization", b"bearer " + KEY)], KEY),
        ([(b"authorization", b"BEARER   " + KEY + b" ")], KEY),
        ([(b"x-api-key", KEY)], KEY),
        ([(b"x-api-key", b" " + KEY + b"\t")], KEY),
        ([(b"authorization", b"Basic YTpi"), (b"x-api-key", KEY)], KEY),
        ([(b"authorization", b"Basic YTpi")], None),
        ([(b"authorization", KEY)], None),
        ([(b"authorization", b"Bearer")], None),
        ([(b"authorization", b"Bearer ")], None),
        ([(b"authorization", b"Bearer" + KEY)], None),
        ([(b"x-api-key", b"")], None),
        ([(b"cookie", KEY)], None),
    ],
)
def test_a_key_is_a_bearer_token_or_in_a_header_of_its_own(headers, key):
    assert presented(headers) == key


@pytest.mark.parametrize(
    "headers",
    [
        [(b"authorization", b"Bearer " + KEY), (b"authorization", b"Bearer " + KEY)],
        [(b"authorization", b"Bearer " + KEY), (b"authorization", b"bearer other")],
        [(b"authorization", b"Bearer " + KEY), (b"x-api-key", KEY)],
        [(b"x-api-key", KEY), (b"x-api-key", b"other")],
    ],
)
def test_two_credentials_are_one_too_many_even_if_they_are_equal(headers):
    with pytest.raises(Ambiguous):
        presented(headers)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=4))
def test_whatever_headers_say_a_key_is_part_of_exactly_one_of_them(headers):
    try:
        key = presented(headers)
    except Ambiguous:
        assert len([name for name, value in headers if name != b"accept" and value.strip(b" \t")]) > 1
        return
    holders = [name for name, value in headers if key is not None and name != b"accept" and value.rstrip(b" \t").endswith(key)]
    assert key is None or (key and holders)
