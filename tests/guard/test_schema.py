"""Schemas from untrusted servers: what they mean, and what they cannot do."""

import contextlib
import socket
import threading
import time

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.guard.payload import Unreadable
from mcp_stack_proxy.guard.schema import MAX_FAULTS, Schema, Uncompilable
from mcp_stack_proxy.wire.envelope import raw


def faults(schema, value):
    return Schema(raw(schema)).faults(value, len(msgspec.json.encode(value)))


def places(schema, value):
    return sorted((fault.pointer, fault.keyword) for fault in faults(schema, value))


ISSUE = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "labels": {"type": "array", "items": {"type": "string"}}},
    "required": ["title"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ({"title": "a"}, []),
        ({}, [("/title", "required")]),
        ({"title": 1}, [("/title", "type")]),
        ({"title": "a", "labels": ["b", 2, None]}, [("/labels/1", "type"), ("/labels/2", "type")]),
        ({"title": "a", "x/y~z": 1}, [("/x~1y~0z", "additionalProperties")]),
    ],
)
def test_every_fault_is_pointed_at(value, wanted):
    assert places(ISSUE, value) == wanted


def test_no_more_than_ten_faults_are_named():
    assert len(faults({"items": {"type": "string"}}, [1] * 50)) == MAX_FAULTS


@pytest.mark.parity("mpl.schema-rules")
@pytest.mark.parametrize("declared", [{}, {"$schema": "https://json-schema.org/draft/2020-12/schema"}])
def test_draft_2020_12_is_what_nothing_means(declared):
    assert places({**declared, "prefixItems": [{"type": "string"}]}, [1]) == [("/0", "type")]


def test_an_older_draft_is_taken_at_its_word():
    assert places({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}, [1]) == [("/0", "type")]


def test_a_schema_that_holds_itself_names_faults_further_down():
    tree = {"required": ["name"], "properties": {"children": {"items": {"$ref": "#"}}}}
    assert places(tree, {"name": "a", "children": [{"name": "b", "children": [{}]}]}) == [
        ("/children/0/children/0/name", "required")
    ]


@pytest.mark.requirement("schema:no-fetch")
@pytest.mark.parity("mpl.schema-rules")
def test_no_reference_leaves_the_schema(tmp_path):
    """Neither a host nor a file is asked, whichever keyword names it; the listener would notice."""
    secret = tmp_path / "open.json"
    secret.write_text('{"type": "string"}')
    met = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: (_accept(server), met.set()), daemon=True).start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.json"
        for target in (address, secret.as_uri(), "other.json", "https://json-schema.org/draft/2020-12/schema"):
            for schema in (
                {"$ref": target},
                {"properties": {"a": {"items": {"$ref": target}}}},
                {"$schema": target + "?"},
                {"$id": target, "$ref": "next.json"},
                {"$dynamicRef": target},
                {"x-unknown": {"$ref": target}, "$ref": "#/x-unknown"},
            ):
                with pytest.raises(Uncompilable):
                    Schema(raw(schema))
        assert not met.is_set()
        socket.create_connection(server.getsockname()).close()
        assert met.wait(5), "the listener hears who comes"


def _accept(server):
    with contextlib.suppress(OSError):
        server.accept()[0].close()


@pytest.mark.requirement("schema:no-fetch")
def test_the_library_itself_would_be_refused_what_our_own_look_misses():
    """The second defence, alone: the retriever."""
    from mcp_stack_proxy.guard import schema

    with pytest.raises(ValueError, match="not fetched"):
        schema._refuse("http://127.0.0.1/x")


def doubling(keyword, levels, leaf):
    steps = {f"s{level}": {keyword: [{"$ref": f"#/$defs/s{level + 1}"}] * 2} for level in range(levels)}
    return {"$defs": {**steps, f"s{levels}": leaf}, "$ref": "#/$defs/s0"}


@pytest.mark.parametrize(
    "schema",
    [
        doubling("allOf", 40, {}),
        doubling("anyOf", 40, {"type": "string"}),
        {**doubling("allOf", 14, {}), "unevaluatedProperties": False},
        {"pattern": "^(?=a)b"},
        {"pattern": r"^(a)\1$"},
        {"pattern": "a{1000}{1000}"},
        {"type": "objct"},
        {"minLength": "x"},
        {"$ref": "#/$defs/none"},
        {"$ref": "#none"},
        {"properties": {"a": {"$id": "b", "$ref": "#"}}},
        [],
        "text",
        None,
    ],
)
def test_what_cannot_be_compiled_in_bounds_is_refused_with_a_reason(schema):
    with pytest.raises(Uncompilable, match=r"\w"):
        Schema(raw(schema))


@pytest.mark.requirement("schema:bounded")
@pytest.mark.parametrize(
    "text", [b'{"not":' * 101 + b"{}" + b"}" * 101, b'{"not":' * 5000 + b"{}" + b"}" * 5000, b'"' + b"a" * 300_000 + b'"']
)
def test_depth_and_size_of_a_schema_are_bounded(text):
    with pytest.raises(Uncompilable, match=r"deep|large|recursion|Recursion"):
        Schema(Raw(text))


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"allOf": [{"$ref": "#"}]}, {"$dynamicAnchor": "x", "$dynamicRef": "#x"}])
def test_circles_end(schema):
    assert faults(schema, {"a": 1}) == []


@pytest.mark.requirement("schema:bounded")
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": "^(a+)+$"}, "a" * 50_000 + "b"),
        ({"pattern": "^[01]*1[01]{2000}$"}, "01" * 50_000),
        ({"anyOf": [{"items": {"type": "string"}}] * 50}, [1] * 20_000),
        ({"items": {"type": "string"}}, [1] * 300_000),
        ({"required": [f"k{number}" for number in range(20_000)]}, {}),
        ({"properties": {"a": {"anyOf": [{"$ref": "#"}, {"$ref": "#", "title": "x"}]}}, "not": {"required": ["z"]}}, {"z": 1}),
    ],
)
def test_hostile_pairs_of_schema_and_value_are_judged_at_once(schema, value):
    if value == {"z": 1}:
        for _ in range(40):
            value = {"a": value}
    start = time.process_time()
    assert places(schema, value) in ([], [("", "schema")], [("", "pattern")])
    assert time.process_time() - start < 2, "without the bounds these take minutes"


def test_a_value_with_too_many_parts_for_its_schema_is_not_judged():
    with pytest.raises(Unreadable, match="too many parts"):
        faults({"anyOf": [{"items": {"type": "string"}}] * 200}, [1] * 100_000)


NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3, width=16) | st.text("ab", max_size=3)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8)
TYPES = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])
LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda kind: {"type": kind}, TYPES),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, min_size=1, max_size=3)),
    st.builds(lambda value: {"const": value}, SCALARS),
    st.builds(lambda low: {"minimum": low, "exclusiveMaximum": low + 2}, st.integers(-2, 2)),
    st.builds(lambda low: {"minLength": low, "maxLength": 2, "maxItems": 2, "minProperties": low}, st.integers(0, 2)),
    st.sampled_from([{"pattern": "^a"}, {"uniqueItems": True}, {"multipleOf": 2}, {"required": ["a"]}]),
)


def _above(inner):
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda found: {"properties": found}, st.dictionaries(NAMES, inner, max_size=3)),
        st.builds(lambda found, rest: {"properties": found, "additionalProperties": rest}, st.dictionaries(NAMES, inner), inner),
        st.builds(lambda one, more: {"items": one, "prefixItems": more}, inner, several),
        st.builds(lambda keyword, found: {keyword: found}, st.sampled_from(["allOf", "anyOf", "oneOf"]), several),
        st.builds(lambda one: {"not": one}, inner),
        st.builds(lambda one, two, three: {"if": one, "then": two, "else": three}, inner, inner, inner),
        st.builds(lambda one: {"contains": one}, inner),
        st.builds(lambda one: {"propertyNames": one}, inner),
    )


SCHEMAS = st.recursive(LEAVES, _above, max_leaves=6)


@given(SCHEMAS, VALUES)
def test_it_agrees_with_the_reference_implementation(schema, value):
    whole = {"$defs": {"x": schema}, "properties": {"value": {"$ref": "#/$defs/x"}}}
    agreed = jsonschema.Draft202012Validator(whole).is_valid({"value": value})
    assert (faults(whole, {"value": value}) == []) is agreed
