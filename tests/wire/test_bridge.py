"""From one era to the other and back: what changes, and that nothing else does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.wire import bridge
from mcp_stack_proxy.wire.envelope import members_of, raw
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, RpcError
from mcp_stack_proxy.wire.revisions import (
    CACHEABLE,
    LOG_LEVELS,
    META_CAPABILITIES,
    META_CLIENT,
    META_LOG_LEVEL,
    META_VERSION,
    REQUEST_META,
)

CLIENT = Raw(b'{"name": "ide", "x": 1e2}')
ODD = b'{"a": 1.0, "b": [1e400, "\\u0041"], "c": 123456789012345678901234567890}'
"""Bytes that would change if anybody read and wrote them."""

VALUE = st.sampled_from([b"1", b"1.0", b'"\\u0061"', b"null", b"[ 1 ]", ODD, b"true"]).map(Raw)
KEY = st.text(max_size=6)
PLAIN = st.dictionaries(KEY.filter(lambda key: key != "_meta"), VALUE, max_size=4)
META = st.dictionaries(KEY.filter(lambda key: key not in REQUEST_META), VALUE, min_size=1, max_size=4)
PARAMS = PLAIN | st.builds(lambda params, meta: {**params, "_meta": raw(meta)}, PLAIN, META)


def members(text):
    return members_of(Raw(text if isinstance(text, bytes) else json.dumps(text).encode()))


@pytest.mark.requirement("bridge:request.modern")
def test_a_legacy_request_gets_the_metadata_that_a_modern_server_demands():
    params = bridge.modern_params(members(b'{"name":"a","_meta":{"progressToken":7,"own": 1.0}}'), CLIENT, "info")
    assert bytes(params["name"]) == b'"a"'
    assert bridge.meta_of(params) == {
        "progressToken": Raw(b"7"),
        "own": Raw(b"1.0"),
        META_VERSION: Raw(b'"2026-07-28"'),
        META_CAPABILITIES: Raw(b"{}"),
        META_CLIENT: CLIENT,
        META_LOG_LEVEL: Raw(b'"info"'),
    }


@pytest.mark.requirement("bridge:request.modern")
def test_a_legacy_client_cannot_claim_capabilities_that_nobody_can_serve():
    spoofed = members({"_meta": {META_CAPABILITIES: {"sampling": {}}, META_VERSION: "2099-01-01"}})
    meta = bridge.meta_of(bridge.modern_params(spoofed, None, None))
    assert meta == {META_VERSION: Raw(b'"2026-07-28"'), META_CAPABILITIES: Raw(b"{}")}


@pytest.mark.requirement("bridge:request.legacy")
@pytest.mark.parametrize(
    ("meta", "left"),
    [
        ({META_VERSION: "2026-07-28", META_CAPABILITIES: {}, META_CLIENT: {}, META_LOG_LEVEL: "info"}, None),
        (
            {META_VERSION: "2026-07-28", META_CAPABILITIES: {}, "progressToken": 1, "traceparent": "t"},
            '{"progressToken":1,"traceparent":"t"}',
        ),
    ],
)
def test_a_modern_request_loses_only_what_a_legacy_server_cannot_read(meta, left):
    params = bridge.legacy_params(members({"_meta": meta, "name": "a"}))
    assert bytes(params.pop("name")) == b'"a"'
    assert {name: bytes(value).decode() for name, value in params.items()} == ({} if left is None else {"_meta": left})


@given(PARAMS, st.none() | st.just(CLIENT), st.none() | st.sampled_from(LOG_LEVELS))
def test_params_come_back_from_the_modern_wire_byte_for_byte(params, client, level):
    there = bridge.modern_params(params, client, level)
    assert bridge.legacy_params(there) == params
    assert {name: value for name, value in there.items() if name != "_meta"} == {k: v for k, v in params.items() if k != "_meta"}
    assert bridge.log_level_of(bridge.meta_of(there)) == level


@pytest.mark.requirement("bridge:result.modern")
@pytest.mark.parametrize("method", [*sorted(CACHEABLE), "tools/call", "prompts/get", "completion/complete"])
def test_a_legacy_result_becomes_complete_and_is_not_to_be_cached(method):
    result = members(bytes(bridge.modern_result(method, Raw(ODD))))
    expected = {**members(ODD), "resultType": Raw(b'"complete"')}
    if method in CACHEABLE:
        expected |= {"ttlMs": Raw(b"0"), "cacheScope": Raw(b'"private"')}
    assert result == expected


def test_a_result_that_says_more_of_itself_is_believed():
    whole = Raw(b'{"resultType": "complete", "ttlMs": 5, "cacheScope": "public"}')
    assert bridge.modern_result("tools/list", whole) is whole
    assert members(bytes(bridge.modern_result("tools/list", Raw(b'{"ttlMs":5}'))))["ttlMs"] == Raw(b"5")


@pytest.mark.requirement("bridge:result.legacy")
def test_a_modern_result_loses_only_what_a_legacy_client_cannot_read():
    modern = Raw(b'{"resultType":"complete","tools": [ 1.0 ],"ttlMs":5,"cacheScope":"public","_meta": {"x": 1}, "own": 1e2}')
    assert bytes(bridge.legacy_result(modern)) == b'{"tools":[ 1.0 ],"_meta":{"x": 1},"own":1e2}'
    plain = Raw(b'{ "tools": [] }')
    assert bridge.legacy_result(plain) is plain


@given(
    PLAIN.filter(lambda result: not {"resultType", "ttlMs", "cacheScope"} & set(result)),
    st.sampled_from([*CACHEABLE, "tools/call"]),
)
def test_a_result_comes_back_from_the_modern_wire_byte_for_byte(result, method):
    assert members(bytes(bridge.legacy_result(bridge.modern_result(method, raw(result))))) == result


@pytest.mark.parametrize("value", [b"[]", b"1", b"null", b'"resultType"'])
def test_a_result_that_is_no_object_stays_what_it_is(value):
    for there in (lambda result: bridge.modern_result("tools/list", result), bridge.legacy_result):
        assert bytes(there(Raw(value))) == value
    assert not bridge.needs_input(Raw(value))


@pytest.mark.requirement("bridge:input-required")
@pytest.mark.parametrize(
    ("result", "asks"),
    [
        (b'{"resultType":"input_required","inputRequests":{}}', True),
        (b'{"resultType" : "input_required"}', True),
        (b'{"resultType":"complete","text":"input_required"}', False),
        (b'{"text":"input_required"}', False),
        (b'["input_required"]', False),
        (b"{}", False),
    ],
)
def test_a_result_that_asks_for_input_is_recognised(result, asks):
    assert bridge.needs_input(Raw(result)) is asks


@pytest.mark.requirement("bridge:resource-not-found", "modern:codes.legacy")
@pytest.mark.parametrize(
    ("error", "modern"),
    [
        (b'{"code":-32002,"message":"m","data": {"uri": "x"}}', b'{"code":-32602,"message":"m","data":{"uri": "x"}}'),
        (b'{"code": -32601, "message": "m"}', None),
        (b'{"code":"-32002"}', None),
        (b'{"message":"-32002"}', None),
        (b"-32002", None),
    ],
)
def test_an_unknown_resource_is_an_invalid_parameter_on_the_modern_wire(error, modern):
    assert bytes(bridge.modern_error("resources/read", Raw(error))) == (modern or error)


UNREADABLE = b'{"code":-32602,"message":"Invalid request parameters","data":""}'


@pytest.mark.parametrize(
    ("method", "error", "unknown"),
    [
        ("no/such", UNREADABLE, True),
        ("tasks/update", UNREADABLE, True),
        ("tools/call", UNREADABLE, False),
        ("tasks/get", UNREADABLE, False),
        ("no/such", b'{"code":-32602,"message":"Invalid request parameters"}', False),
        ("no/such", b'{"code":-32602,"message":"level is missing","data":""}', False),
        ("no/such", b'{"code":-32603,"message":"Invalid request parameters","data":""}', False),
        ("no/such", b"-32602", False),
    ],
)
def test_a_method_that_a_server_cannot_read_is_unknown_where_no_revision_of_its_has_it(method, error, unknown):
    expected = error.replace(b"-32602", b"-32601") if unknown else error
    assert bytes(bridge.modern_error(method, Raw(error))) == expected


@pytest.mark.requirement("bridge:resource-not-found")
@pytest.mark.parametrize(("method", "code"), [("resources/read", -32002), ("tools/call", -32602), ("prompts/get", -32602)])
def test_an_invalid_parameter_is_an_unknown_resource_where_one_was_asked_for(method, code):
    error = bridge.legacy_error(method, Raw(b'{"message":"m","code":-32602,"own": 1.0}'))
    assert members(bytes(error)) == {"message": Raw(b'"m"'), "code": raw(code), "own": Raw(b"1.0")}


@pytest.mark.parametrize(
    ("params", "meta"),
    [(b"{}", {}), (b'{"_meta":null}', {}), (b'{"_meta":[1]}', {}), (b'{"_meta":{"a": 1}}', {"a": Raw(b"1")})],
)
def test_metadata_that_is_no_object_is_none(params, meta):
    assert bridge.meta_of(members(params)) == meta


@pytest.mark.requirement("bridge:log-level")
@pytest.mark.parametrize(("level", "asked"), [(b'"debug"', "debug"), (b'"loud"', None), (b"5", None), (None, None)])
def test_a_modern_request_asks_for_a_level_that_exists(level, asked):
    assert bridge.log_level_of({} if level is None else {META_LOG_LEVEL: Raw(level)}) == asked


@pytest.mark.requirement("bridge:log-level")
@pytest.mark.parametrize("wanted", [None, *LOG_LEVELS])
def test_a_message_is_logged_to_those_who_asked_for_its_level_or_a_lesser_one(wanted):
    logged = [level for level in LOG_LEVELS if bridge.is_logged(level, wanted)]
    assert logged == ([] if wanted is None else list(LOG_LEVELS[LOG_LEVELS.index(wanted) :]))
    assert not bridge.is_logged(None, wanted)
    assert not bridge.is_logged("loud", wanted)


def test_a_retry_that_nobody_remembers_is_refused_for_a_server_that_keeps_nothing():
    with pytest.raises(RpcError) as caught:
        bridge.legacy_params({"name": Raw(b'"t"'), "requestState": Raw(b'"forged"')})
    assert caught.value.code == INVALID_PARAMS
    assert "requestState" in caught.value.message
