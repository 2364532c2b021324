"""The headers of the modern wire: what they repeat, how values are written, and in which order a request is judged."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.wire.envelope import Message, raw
from mcp_stack_proxy.wire.errors import HEADER_MISMATCH, INVALID_PARAMS, UNSUPPORTED_VERSION, RpcError, status_of
from mcp_stack_proxy.wire.headers import (
    METHOD,
    NAME,
    NAMED,
    VERSION,
    check_modern,
    check_version,
    decode_value,
    encode_value,
    refuse_repeated,
)
from mcp_stack_proxy.wire.request_meta import RequestMeta
from mcp_stack_proxy.wire.revisions import META_CAPABILITIES, META_VERSION

REVISION = "2026-07-28"
META = {META_VERSION: REVISION, META_CAPABILITIES: {}}
ABSENT = object()


def judged(method, params, /, **headers):
    """`check_modern` of a request that is right but for what is given; ABSENT takes a header away."""
    whole = {"_meta": META, **params}
    sent = {VERSION: REVISION, METHOD: method}
    if (key := NAMED.get(method)) in whole:
        sent[NAME] = whole[key]
    sent |= {{"version": VERSION, "method": METHOD, "name": NAME}[name]: value for name, value in headers.items()}
    fields = {name: value.encode("latin-1") for name, value in sent.items() if value is not ABSENT and isinstance(value, str)}
    members = {name: raw(value) for name, value in whole.items() if value is not ABSENT}
    return check_modern(Message(b"{}", method, Raw(b"1")), fields, members)


def code(method, params, /, **headers):
    with pytest.raises(RpcError) as caught:
        judged(method, params, **headers)
    assert status_of(caught.value.code) == 400
    return caught.value.code


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/list", {}),
        ("tools/call", {"name": "search"}),
        ("prompts/get", {"name": "a b"}),
        ("resources/read", {"uri": "file:///a"}),
        ("no/such", {"name": "x", "uri": "y"}),
        ("tools/call", {}),
    ],
)
def test_headers_that_repeat_the_body_pass(method, params):
    assert judged(method, params) == RequestMeta(REVISION)


@pytest.mark.requirement("modern:meta.required")
@pytest.mark.parametrize(
    "meta",
    [
        ABSENT,
        None,
        [],
        "x",
        {},
        {META_VERSION: REVISION},
        {META_CAPABILITIES: {}},
        {META_VERSION: 20260728, META_CAPABILITIES: {}},
        {META_VERSION: None, META_CAPABILITIES: {}},
    ],
)
def test_a_request_without_its_metadata_is_refused(meta):
    assert code("tools/list", {"_meta": meta}) == INVALID_PARAMS


@pytest.mark.requirement("modern:meta.required")
def test_the_refusal_names_what_is_missing():
    with pytest.raises(RpcError, match=f"lacks {META_VERSION} and {META_CAPABILITIES}"):
        judged("tools/list", {"_meta": {}})


@pytest.mark.requirement("modern:headers.version")
@pytest.mark.parametrize("header", [ABSENT, "", "2025-11-25", "2099-01-01", f"{REVISION}x", f"=?base64?{REVISION}?="])
def test_a_version_header_that_contradicts_the_body_is_refused(header):
    assert code("tools/list", {}, version=header) == HEADER_MISMATCH


@pytest.mark.requirement("modern:headers.method")
@pytest.mark.parametrize("header", [ABSENT, "", "tools/call", "Tools/List", "tools/list ", "=?base64?dG9vbHMvbGlzdA==?="])
def test_a_method_header_that_contradicts_the_body_is_refused(header):
    assert code("tools/list", {}, method=header) == HEADER_MISMATCH


@pytest.mark.requirement("modern:headers.name-mismatch")
@pytest.mark.parametrize(("method", "key"), NAMED.items())
@pytest.mark.parametrize("header", [ABSENT, "", "Search", "searches", "=?base64?U2VhcmNo?="])
def test_a_name_header_that_contradicts_the_body_is_refused(method, key, header):
    assert code(method, {key: "search"}, name=header) == HEADER_MISMATCH


@pytest.mark.requirement("modern:headers.name-mismatch")
@pytest.mark.parametrize("name", [5, None, ["search"], {}])
@pytest.mark.parametrize("header", [ABSENT, "5", "=?base64?!?=", "\xe9"])
def test_a_name_that_is_no_text_matches_no_header(name, header):
    assert code("tools/call", {"name": name}, name=header) == HEADER_MISMATCH


@pytest.mark.requirement("modern:headers.base64")
@pytest.mark.parametrize("name", ["search", "日本", " padded ", "=?base64?literal?=", "", "a\nb"])
def test_a_name_header_in_base64_is_decoded_before_it_is_compared(name):
    sentinel = f"=?base64?{base64.b64encode(name.encode()).decode()}?="
    assert judged("tools/call", {"name": name}, name=sentinel)


@pytest.mark.requirement("modern:headers.characters")
@pytest.mark.parametrize("name", ["caf\xe9", "a\x01b", "a\x7fb"])
def test_a_name_header_with_characters_that_a_field_cannot_have_is_refused(name):
    assert code("tools/call", {"name": name}, name=name) == HEADER_MISMATCH


@pytest.mark.requirement("modern:version.unsupported")
@pytest.mark.parametrize("version", ["2099-01-01", "2025-11-25", "", "x"])
def test_a_version_that_nobody_speaks_is_refused_with_those_that_are_spoken(version):
    meta = {META_VERSION: version, META_CAPABILITIES: {}}
    with pytest.raises(RpcError) as caught:
        judged("tools/list", {"_meta": meta}, version=version)
    assert caught.value.code == UNSUPPORTED_VERSION
    assert caught.value.data == {"supported": [REVISION], "requested": version}
    with pytest.raises(RpcError):
        check_version(version)


def test_the_modern_version_is_spoken():
    check_version(REVISION)


def test_the_first_rule_that_is_broken_is_the_one_that_is_named():
    """Without metadata nothing can be compared; a header that lies outranks a version that is unknown."""
    unknown = {META_VERSION: "2099-01-01", META_CAPABILITIES: {}}
    assert code("tools/list", {"_meta": {}}, version="2099-01-01", method="x") == INVALID_PARAMS
    assert code("tools/list", {"_meta": unknown}, version="2098-01-01") == HEADER_MISMATCH
    assert code("tools/list", {"_meta": unknown}, version="2099-01-01", method="x") == HEADER_MISMATCH
    assert code("tools/call", {"_meta": unknown, "name": "a"}, version="2099-01-01", name="b") == HEADER_MISMATCH
    assert code("tools/list", {"_meta": unknown}, version="2099-01-01") == UNSUPPORTED_VERSION


@pytest.mark.requirement("modern:headers.once")
@pytest.mark.parametrize("name", [VERSION, METHOD, NAME])
def test_a_routing_header_that_is_given_twice_is_refused(name):
    with pytest.raises(RpcError) as caught:
        refuse_repeated([(name, b"a"), (b"accept", b"*/*"), (name, b"a")])
    assert caught.value.code == HEADER_MISMATCH
    assert name.decode() in caught.value.message


def test_other_headers_may_be_given_twice():
    refuse_repeated([(VERSION, b"a"), (b"accept", b"a"), (NAME, b"a"), (b"accept", b"a")])


EXAMPLES = [
    ("us-west1", "us-west1"),
    ("Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="),
    (" padded ", "=?base64?IHBhZGRlZCA=?="),
    ("line1\nline2", "=?base64?bGluZTEKbGluZTI=?="),
    ("=?base64?literal?=", "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="),
    ("=?base64?=", "=?base64?PT9iYXNlNjQ/PQ==?="),
    ("", "=?base64??="),
    ("a\tb", "=?base64?YQli?="),
    ("=?BASE64?eA==?=", "=?BASE64?eA==?="),
    ("=?base64?open", "=?base64?open"),
    ("file:///a b", "file:///a b"),
]
"""The specification's table first, then the borders of its rules."""


@pytest.mark.requirement("modern:headers.base64")
@pytest.mark.parametrize(("value", "field"), EXAMPLES)
def test_a_value_is_written_plainly_where_a_field_can_carry_it(value, field):
    assert encode_value(value) == field
    assert decode_value(field) == value


@pytest.mark.requirement("modern:headers.base64")
@pytest.mark.parametrize(
    "field",
    [
        "=?base64?eA?=",  # no padding
        "=?base64?eB==?=",  # bits that no encoder sets
        "=?base64?eA==\t?=",
        "=?base64? eA==?=",
        "=?base64?-_==?=",  # the alphabet of URLs
        "=?base64?/w==?=",  # no UTF-8
        "=?base64?!?=",
        "=?base64?\xe9?=",
        "=?base64?=",
    ],
)
def test_a_sentinel_that_no_encoder_writes_stands_for_nothing(field):
    assert decode_value(field) is None


@given(st.text())
@example("=?base64?=")
@example("?=")
def test_any_value_survives_its_way_through_a_header(value):
    field = encode_value(value)
    assert field.isascii()
    assert field.isprintable()
    assert field == field.strip()
    assert decode_value(field) == value


@given(st.text(alphabet=st.characters(max_codepoint=255)) | st.text().map("=?base64?{}?=".format))
def test_any_field_stands_for_one_value_or_for_none(field):
    value = decode_value(field)
    if value is not None and value != field:  # it was a sentinel, and of one value there is one
        assert encode_value(value) in {field, value}
