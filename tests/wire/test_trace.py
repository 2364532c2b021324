"""Trace context: what is well-formed goes on, in both places; what is not is dropped."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.wire.envelope import members_of, raw
from mcp_stack_proxy.wire.trace import MAX_BAGGAGE, from_meta, in_headers, in_meta, sound, trace_id, trace_of

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01".encode()
OTHER = PARENT.replace(b"0af7", b"1af7")


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (PARENT, TRACE),
        (PARENT.replace(b"00-", b"01-", 1), TRACE),
        (PARENT.replace(b"00-", b"cc-", 1) + b"-more", TRACE),
        (PARENT + b"-more", None),
        (PARENT.replace(b"00-", b"ff-", 1), None),
        (PARENT.upper(), None),
        (PARENT[:-1], None),
        (PARENT + b"0", None),
        (b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01", None),
        (f"00-{TRACE}-{'0' * 16}-01".encode(), None),
        (b"", None),
    ],
)
def test_a_traceparent_is_what_the_specification_says(parent, expected):
    assert trace_id(parent) == expected


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ([], []),
        ([("accept", "*/*")], []),
        ([("traceparent", PARENT)], ["traceparent"]),
        ([("traceparent", b" " + PARENT + b"\t")], ["traceparent"]),
        ([("traceparent", PARENT), ("traceparent", PARENT)], []),
        ([("traceparent", b"nonsense"), ("tracestate", "a=b")], []),
        ([("tracestate", "a=b")], []),
        ([("traceparent", PARENT), ("tracestate", "a=b,c@d=e")], ["traceparent", "tracestate"]),
        ([("traceparent", PARENT), ("tracestate", "a=b"), ("tracestate", "c=d, ,")], ["traceparent", "tracestate"]),
        ([("traceparent", PARENT), ("tracestate", "a=b,a=c")], ["traceparent"]),
        ([("traceparent", PARENT), ("tracestate", "A=b")], ["traceparent"]),
        ([("traceparent", PARENT), ("tracestate", "a=")], ["traceparent"]),
        ([("traceparent", PARENT), ("tracestate", ",".join(f"a{i}=1" for i in range(33)))], ["traceparent"]),
        ([("traceparent", PARENT), ("tracestate", f"a={'x' * 250},b={'x' * 250},c={'x' * 20}")], ["traceparent"]),
        ([("baggage", "user=1;p=2,k = v")], ["baggage"]),
        ([("baggage", "user")], []),
        ([("baggage", "a b=1")], []),
        ([("baggage", "a=\x01")], []),
        ([("baggage", "a=" + "x" * MAX_BAGGAGE)], []),
    ],
)
def test_what_is_malformed_goes_no_further(headers, kept):
    found = sound((name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers)
    assert [name.decode() for name, _ in found] == kept


def test_lines_of_one_header_are_joined():
    assert sound([(b"traceparent", PARENT), (b"tracestate", b"a=b"), (b"tracestate", b"c=d")])[1] == (b"tracestate", b"a=b,c=d")


@given(st.lists(st.tuples(st.sampled_from([b"traceparent", b"tracestate", b"baggage", b"x"]), st.binary(max_size=80)), max_size=6))
def test_whatever_is_kept_could_be_sent_and_is_kept_again(headers):
    found = sound(headers)
    assert sound(found) == found
    assert all(b"\r" not in value and b"\n" not in value and b"\x00" not in value for _, value in found)


def params(**meta):
    return {"name": raw("x"), "_meta": raw(meta)} if meta else {"name": raw("x")}


def meta_of(found):
    return {key: msgspec.json.decode(value) for key, value in members_of(found["_meta"]).items()} if "_meta" in found else None


HEADERS = [(b"traceparent", PARENT), (b"tracestate", b"a=b"), (b"baggage", b"k=v"), (b"mcp-param-x", b"1")]
AS_META = {"traceparent": PARENT.decode(), "tracestate": "a=b", "baggage": "k=v"}


@pytest.mark.parametrize(
    ("given_params", "headers", "expected"),
    [
        (params(), HEADERS, AS_META),
        (params(progressToken=1), HEADERS, {"progressToken": 1, **AS_META}),
        (params(traceparent=OTHER.decode()), HEADERS, {"traceparent": OTHER.decode(), "baggage": "k=v"}),
        (params(traceparent=OTHER.decode(), baggage="own=1"), HEADERS, {"traceparent": OTHER.decode(), "baggage": "own=1"}),
        (params(tracestate="x=y"), [(b"traceparent", PARENT)], {"traceparent": PARENT.decode()}),
        (params(progressToken=1), [(b"mcp-param-x", b"1")], {"progressToken": 1}),
        (params(progressToken=1), [(b"baggage", b"k=v")], {"progressToken": 1, "baggage": "k=v"}),
        (params(), [], None),
    ],
)
def test_headers_fill_metadata_that_has_no_context_of_its_own(given_params, headers, expected):
    assert meta_of(in_meta(given_params, headers)) == expected


@pytest.mark.parametrize(
    ("given_params", "headers", "added"),
    [
        (params(**AS_META), [], [b"traceparent", b"tracestate", b"baggage"]),
        (params(**AS_META), [(b"traceparent", OTHER)], [b"baggage"]),
        (params(traceparent="nonsense", tracestate="a=b"), [], []),
        (params(traceparent=17), [], []),
        (params(traceparent="00-ä"), [], []),
        (params(baggage="k=v"), [], [b"baggage"]),
        (params(progressToken=1), [], []),
        (params(), [], []),
        ({"_meta": raw(["traceparent"])}, [], []),
    ],
)
def test_metadata_fills_headers_that_have_no_context_of_their_own(given_params, headers, added):
    found = in_headers(headers, given_params)
    assert list(found[: len(headers)]) == headers
    assert [name for name, _ in found[len(headers) :]] == added


def test_metadata_that_is_no_object_is_left_to_the_server():
    odd = {"_meta": raw(["traceparent"])}
    assert in_meta(odd, HEADERS) is odd
    assert from_meta({}) == []


@pytest.mark.parametrize(
    ("given_params", "header", "expected"),
    [
        (params(), None, None),
        (params(), PARENT, TRACE),
        (params(), b"nonsense", None),
        (params(traceparent=OTHER.decode()), PARENT, "1" + TRACE[1:]),
        (params(traceparent="nonsense"), PARENT, TRACE),
        (params(traceparent="ä"), None, None),
        ({"_meta": raw(["traceparent"])}, PARENT, TRACE),
    ],
)
def test_the_context_of_the_metadata_is_the_one_that_is_noted(given_params, header, expected):
    assert trace_of(given_params, {} if header is None else {b"traceparent": header}) == expected
