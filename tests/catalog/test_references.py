"""URIs in results become public, references become native, and nothing else is touched."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.catalog.names import Namespaces
from mcp_stack_proxy.catalog.references import public_content_blocks, public_contents, public_messages, resolve_reference
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, RpcError

NAMES = Namespaces({"one": "a", "two": "b-c"})


def public(uri):
    return f"a+{uri}"


@pytest.mark.requirement("aggregate:uris.public")
@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (
            public_contents,
            b'{"contents":[{"uri":"file:///\xc3\xa9","text":"file:///x","blob": null},{"uri":"x:","own":1.0}],"ttlMs": 5}',
            b'{"contents":[{"uri":"a+file:///\xc3\xa9","text":"file:///x","blob":null},{"uri":"a+x:","own":1.0}],"ttlMs":5}',
        ),
        (
            public_content_blocks,
            b'{"content":[{"type":"resource_link","uri":"x:1","name":"x:1"}],"structuredContent":{"uri":"x:1"}}',
            b'{"content":[{"type":"resource_link","uri":"a+x:1","name":"x:1"}],"structuredContent":{"uri":"x:1"}}',
        ),
        (
            public_content_blocks,
            b'{"content":[{"type":"resource","resource":{"uri":"x:1","text":"t","_meta":{"uri":"x:1"}},"uri":"kept"}],"isError":false}',
            b'{"content":[{"type":"resource","resource":{"uri":"a+x:1","text":"t","_meta":{"uri":"x:1"}},"uri":"kept"}],"isError":false}',
        ),
        (
            public_messages,
            b'{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"x:1"}}}],"description":"x:1"}',
            b'{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"a+x:1"}}}],"description":"x:1"}',
        ),
        (
            public_messages,
            b'{"messages":[{"role":"user","content":{"type":"resource_link","uri":"x:1"}},{"content":{"type":"text","text":"x:1"}}]}',
            b'{"messages":[{"role":"user","content":{"type":"resource_link","uri":"a+x:1"}},{"content":{"type":"text","text":"x:1"}}]}',
        ),
    ],
)
def test_a_uri_that_a_client_can_ask_for_becomes_public(change, before, after):
    assert bytes(change(Raw(before), public)) == after


@pytest.mark.requirement("aggregate:uris.public")
@pytest.mark.parametrize("change", [public_contents, public_content_blocks, public_messages])
@pytest.mark.parametrize(
    "result",
    [
        {"content": [{"type": "text", "text": "resource", "uri": "x:"}]},
        {"content": [{"type": "image", "data": "", "uri": "x:"}]},
        {"content": [{"type": "resource"}, {"type": "resource", "resource": "x:"}, {"type": "resource_link"}, {"uri": "x:"}]},
        {"content": [{"type": "resource_link", "uri": 5}, {"type": "resource", "resource": {"uri": None}}, {"type": 1}]},
        {"contents": [{"uri": 5}, {"text": "no uri"}]},
        {"messages": [{"role": "user"}, {"content": "text"}, {"content": [{"type": "resource_link", "uri": "x:"}]}]},
        {"content": "resource", "contents": {"uri": "x:"}, "messages": None},
        {"content": ["resource"], "contents": ["x:"], "messages": [["x:"]]},
        {"resultType": "input_required", "requestState": '"resource"'},
        [],
        "resource",
        None,
    ],
    ids=range(12),
)
def test_everything_else_stays_as_it_came(change, result):
    assert json.loads(bytes(change(Raw(json.dumps(result).encode()), public))) == result


JSON = st.recursive(
    st.none() | st.integers() | st.text() | st.sampled_from(["resource", "resource_link", "text"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "resource", "uri", "content", "contents", "messages", "text"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from([public_contents, public_content_blocks, public_messages]))
def test_any_result_differs_from_what_came_in_uris_alone(result, change):
    def native(value, key=None):
        if isinstance(value, dict):
            return {name: native(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [native(inner) for inner in value]
        return value.removeprefix("a+") if key == "uri" and isinstance(value, str) else value

    changed = json.loads(bytes(change(Raw(json.dumps(result).encode()), public)))
    assert native(changed) == native(result)


@pytest.mark.parity("aggregate.all-methods")
@pytest.mark.requirement("aggregate:completion.reference")
@pytest.mark.parametrize(
    ("reference", "server", "native"),
    [
        (b'{"type":"ref/prompt","name":"a__greet","title": 1.0}', "one", b'{"type":"ref/prompt","name":"greet","title":1.0}'),
        (b'{"type":"ref/prompt","name":"b-c__a__x"}', "two", b'{"type":"ref/prompt","name":"a__x"}'),
        (b'{"type":"ref/resource","uri":"a+db://{t}{?q}"}', "one", b'{"type":"ref/resource","uri":"db://{t}{?q}"}'),
        (b'{"type":"ref/resource","uri":"b-c+x:","name":"a__x"}', "two", b'{"type":"ref/resource","uri":"x:","name":"a__x"}'),
    ],
)
def test_a_completion_is_routed_by_what_it_completes(reference, server, native):
    found = resolve_reference(Raw(reference), NAMES)
    assert (found[0], bytes(found[1])) == (server, native)


@pytest.mark.requirement("aggregate:completion.reference")
@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (None, "params.ref must be an object"),
        (b"null", "params.ref must be an object"),
        (b'"a__x"', "params.ref must be an object"),
        (b"{}", "params.ref.type must be ref/prompt or ref/resource"),
        (b'{"type":"ref/tool","name":"a__x"}', "params.ref.type must be ref/prompt or ref/resource"),
        (b'{"type":1,"name":"a__x"}', "params.ref.type must be ref/prompt or ref/resource"),
        (b'{"type":"ref/prompt"}', "params.ref.name must be a string"),
        (b'{"type":"ref/prompt","uri":"a+x"}', "params.ref.name must be a string"),
        (b'{"type":"ref/resource","uri":5}', "params.ref.uri must be a string"),
        (b'{"type":"ref/prompt","name":"greet"}', "Unknown reference: greet"),
        (b'{"type":"ref/prompt","name":"z__greet"}', "Unknown reference: z__greet"),
        (b'{"type":"ref/resource","uri":"file:///x"}', "Unknown reference: file:///x"),
    ],
)
def test_a_reference_to_nothing_here_is_refused(reference, message):
    with pytest.raises(RpcError) as caught:
        resolve_reference(None if reference is None else Raw(reference), NAMES)
    assert (caught.value.code, caught.value.message) == (INVALID_PARAMS, message)
