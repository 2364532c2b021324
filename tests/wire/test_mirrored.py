"""Which arguments of a tool headers repeat, what the headers are, and whether given ones are right."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.wire.errors import HEADER_MISMATCH, RpcError
from mcp_stack_proxy.wire.mirrored import Mirror, NotMirrorable, check, made, mirrors_of


def raw(value):
    return Raw(json.dumps(value).encode())


def schema(**properties):
    return raw({"type": "object", "properties": properties})


def annotated(kind="string", name="Region"):
    return {"type": kind, "x-mcp-header": name}


REGION = (Mirror(b"mcp-param-region", ("region",)),)
COUNT = (Mirror(b"mcp-param-count", ("count",), is_number=True),)
DEEP = (Mirror(b"mcp-param-deep", ("where", "deep")),)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (schema(region={"type": "string"}), ()),
        (schema(region=annotated()), REGION),
        (schema(count=annotated("integer", "COUNT"), loud=annotated("boolean", "Loud")), None),
        (schema(where={"type": "object", "properties": {"deep": annotated(name="Deep")}}), DEEP),
        (schema(region={"type": "string", "default": {"x-mcp-header": "Data"}}), ()),
        (raw({"properties": {"x-mcp-header": {"type": "string"}}}), ()),
        (raw({"properties": ["x-mcp-header"]}), ()),
        (raw(["x-mcp-header"]), ()),
    ],
)
def test_annotated_arguments_are_found_where_properties_lead(given, expected):
    found = mirrors_of(given)
    if expected is None:
        expected = (Mirror(b"mcp-param-loud", ("loud",)), *COUNT)
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize(
    "bad",
    [
        *(schema(a=annotated(name=name)) for name in ("", "My Region", "Region:Primary", "Région", "Region\t", "a\r\nb", 1, None)),
        *(schema(a=annotated(kind)) for kind in ("number", "object", "array", "null", None, ["string"])),
        schema(a=annotated(), b=annotated()),
        schema(a=annotated(name="MyField"), b=annotated(name="myfield")),
        schema(a={"type": "array", "items": annotated()}),
        schema(a={"type": "array", "prefixItems": [annotated()]}),
        schema(a={"items": {"properties": {"b": annotated()}}}),
        raw({"x-mcp-header": "Root", "type": "string"}),
        raw({"$defs": {"a": annotated()}}),
        *(raw({keyword: [{"properties": {"a": annotated()}}]}) for keyword in ("oneOf", "anyOf", "allOf")),
        *(raw({keyword: {"properties": {"a": annotated()}}}) for keyword in ("not", "if", "then", "else")),
        Raw(b'{"x-mcp-header":'),
        Raw(b'{"x-mcp-header":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    ],
)
@pytest.mark.requirement("modern:headers.param.annotation")
def test_an_annotation_that_is_not_allowed_is_refused(bad):
    with pytest.raises(NotMirrorable):
        mirrors_of(bad)


@pytest.mark.parametrize(
    ("mirrors", "arguments", "expected"),
    [
        (REGION, {"region": "us-west1"}, [b"us-west1"]),
        (REGION, {"region": "Hello, 世界"}, [b"=?base64?SGVsbG8sIOS4lueVjA==?="]),
        (REGION, {"region": " padded "}, [b"=?base64?IHBhZGRlZCA=?="]),
        (REGION, {"region": "line1\nline2"}, [b"=?base64?bGluZTEKbGluZTI=?="]),
        (REGION, {"region": "=?base64?literal?="}, [b"=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?="]),
        (REGION, {"region": ""}, [b""]),
        (REGION, {"region": True}, [b"true"]),
        (REGION, {"region": False}, [b"false"]),
        (REGION, {"region": None}, []),
        (REGION, {"region": {"x": 1}}, []),
        (REGION, {}, []),
        (REGION, ["region"], []),
        (COUNT, {"count": 42}, [b"42"]),
        (COUNT, {"count": -7}, [b"-7"]),
        (COUNT, {"count": 42.0}, [b"42"]),
        (COUNT, {"count": 4.5}, [b"4.5"]),
        (DEEP, {"where": {"deep": "x"}}, [b"x"]),
        (DEEP, {"where": "deep"}, []),
    ],
)
@pytest.mark.requirement("modern:headers.param.made")
def test_headers_repeat_the_arguments(mirrors, arguments, expected):
    headers = made(mirrors, raw(arguments))
    assert headers == [(mirrors[0].header, value) for value in expected]
    check(mirrors, raw(arguments), headers)


@pytest.mark.parametrize("arguments", [None, Raw(b"{"), Raw(b'{"region":' + b"9" * 5000 + b"}")])
def test_arguments_that_cannot_be_read_have_no_headers(arguments):
    assert made(REGION, arguments) == []


@pytest.mark.parametrize(
    ("mirrors", "arguments", "headers"),
    [
        (REGION, {"region": "a"}, []),
        (REGION, {"region": "a"}, [b"b"]),
        (REGION, {"region": "a"}, [b"A"]),
        (REGION, {"region": "a"}, [b"a", b"a"]),
        (REGION, {}, [b"a"]),
        (REGION, {"region": None}, [b"null"]),
        (REGION, {"region": "Hello"}, [b"=?base64?SGVsbG8?="]),
        (REGION, {"region": "Hello"}, [b"=?base64?SGVs!!!bG8=?="]),
        (REGION, {"region": "é"}, ["é".encode()]),
        (REGION, {"region": "42"}, [b"42.0"]),
        (COUNT, {"count": 42}, [b"42.5"]),
        (COUNT, {"count": 42}, [b"4_2"]),
        (COUNT, {"count": 42}, [b"=?base64??="]),
        (COUNT, {"count": 4.5}, [b"4.50"]),
        (COUNT, {"count": "4.2"}, [b"4.20"]),
        (DEEP, {"where": {"deep": "x"}}, [b"y"]),
    ],
)
@pytest.mark.requirement("modern:headers.param.checked")
def test_headers_that_contradict_the_arguments_are_refused(mirrors, arguments, headers):
    with pytest.raises(RpcError) as refused:
        check(mirrors, raw(arguments), [(mirrors[0].header, value) for value in headers])
    assert refused.value.code == HEADER_MISMATCH
    assert refused.value.message.startswith(f"Mcp-Param-{mirrors[0].header.decode().rpartition('-')[2].capitalize()} header")


@pytest.mark.parametrize(
    ("mirrors", "arguments", "value"),
    [
        (REGION, {"region": "Hello"}, b"=?base64?SGVsbG8=?="),
        (REGION, {"region": "SGVsbG8="}, b"SGVsbG8="),
        (REGION, {"region": "=?base64?SGVsbG8="}, b"=?base64?SGVsbG8="),
        (COUNT, {"count": 42}, b"42.0"),
        (COUNT, {"count": 42.0}, b"42"),
    ],
)
def test_another_way_to_write_the_same_is_taken(mirrors, arguments, value):
    check(mirrors, raw(arguments), [(mirrors[0].header, value), (b"mcp-param-other", b"x"), (b"accept", b"y")])


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(SCALARS | st.lists(SCALARS))
def test_whatever_is_made_is_taken(value):
    headers = made(REGION, raw({"region": value}))
    check(REGION, raw({"region": value}), headers)
