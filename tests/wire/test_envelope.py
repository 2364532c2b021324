"""What is a message, what is none, and that nothing of it is lost on its way through."""

import json
import sys
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.wire import envelope
from mcp_stack_proxy.wire.envelope import (
    Message,
    as_message,
    decode_message,
    encode,
    members_of,
    number_of,
    objects_of,
    raw,
    string_of,
)
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, RpcError

HEAD = b'{"jsonrpc":"2.0",'


def refused(body):
    with pytest.raises(RpcError) as caught:
        decode_message(body)
    return caught.value


@pytest.mark.requirement("base:message.kinds")
@pytest.mark.parametrize(
    ("body", "method", "id_", "is_request", "is_response"),
    [
        (HEAD + b'"id":1,"method":"ping"}', "ping", b"1", True, False),
        (HEAD + b'"method":"notifications/initialized"}', "notifications/initialized", None, False, False),
        (HEAD + b'"id":"a","result":{}}', None, b'"a"', False, True),
        (HEAD + b'"id":1,"error":{"code":1,"message":"m"}}', None, b"1", False, True),
        (HEAD + b'"id":null,"error":{"code":1,"message":"m"}}', None, None, False, True),
        (HEAD + b'"error":{"code":1,"message":"m"}}', None, None, False, True),
    ],
)
def test_a_message_is_a_request_a_notification_or_a_response(body, method, id_, is_request, is_response):
    message = decode_message(body)
    assert (message.method, message.is_request, message.is_response) == (method, is_request, is_response)
    assert (None if message.id is None else bytes(message.id)) == id_


@pytest.mark.requirement("base:parse-error")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b"not json",
        HEAD + b'"id":1,"method":"ping"',
        HEAD + b'"id":1,"method":"ping"} x',
        HEAD + b'"id":1,"method":"ping",}',
        HEAD + b'"id":01,"method":"ping"}',
        HEAD + b'"id":1,"method":"ping","params":{"a":NaN}}',
        HEAD + b'"id":1,"method":"ping","params":{"a":tru}}',
        b"\xef\xbb" + HEAD + b'"id":1,"method":"ping"}',
    ],
)
def test_what_is_no_json_is_a_parse_error(body):
    assert refused(body).code == PARSE_ERROR


@pytest.mark.requirement("base:encoding.utf-8")
@pytest.mark.parametrize(
    "body",
    [
        HEAD + b'"id":1,"method":"x\xff"}',
        HEAD + b'"id":1,"method":"x","params":{"deep":["\xff"]}}',
        HEAD + b'"id":1,"method":"x","\xff":1}',
        HEAD + b'"id":1,"method":"x","params":{"a":"\xed\xa0\x80"}}',
        HEAD + b'"id":1,"method":"x","params":{"a":"\\ud800"}}',
        HEAD + b'"id":1,"method":"x","params":{"a":"\xc0\xaf"}}',
        '{"jsonrpc":"2.0","id":1,"method":"x"}'.encode("utf-16"),
    ],
)
def test_text_that_is_no_utf_8_is_a_parse_error_wherever_it_stands(body):
    assert refused(body).code == PARSE_ERROR


def test_nesting_without_end_is_a_parse_error():
    assert refused(HEAD + b'"id":1,"method":"m","params":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}").code == PARSE_ERROR


@pytest.mark.requirement("base:message.single")
@pytest.mark.parametrize(
    "body", [b"[]", b"[" + HEAD + b'"id":1,"method":"ping"}]', b"null", b"1", b'"x"', b"true"], ids=lambda body: body.decode()[:8]
)
def test_a_batch_or_a_value_that_is_no_object_is_refused(body):
    assert refused(body).code == INVALID_REQUEST


@pytest.mark.requirement("base:message.version")
@pytest.mark.parametrize("version", [b"", b'"jsonrpc":"1.0",', b'"jsonrpc":2.0,', b'"jsonrpc":null,'])
def test_another_version_of_json_rpc_is_refused(version):
    error = refused(b"{" + version + b'"id":1,"method":"ping"}')
    assert (error.code, error.message) == (INVALID_REQUEST, 'jsonrpc must be "2.0"')


@pytest.mark.requirement("base:id.kinds")
@pytest.mark.parametrize(
    "id_",
    [b"0", b"7", b"-7", b'""', b'"a"', b'"\\u00e9 \\ud83d\\ude00"', b"9" * 40, b"-" + b"9" * 5000, '"日本"'.encode()],
    ids=lambda id_: id_.decode()[:12],
)
def test_an_id_is_a_string_or_an_integer_and_comes_back_as_it_was_written(id_):
    message = decode_message(HEAD + b'"id":' + id_ + b',"method":"ping"}')
    assert message.id is not None
    assert envelope.result(message.id, {}) == HEAD + b'"id":' + id_ + b',"result":{}}'
    assert envelope.error(message.id, Raw(b"{}")) == HEAD + b'"id":' + id_ + b',"error":{}}'


@pytest.mark.requirement("base:id.kinds")
@pytest.mark.parametrize("id_", [b"null", b"1.0", b"1e3", b"true", b"{}", b"[1]", b"-0.5"])
def test_an_id_of_another_kind_is_refused(id_):
    error = refused(HEAD + b'"id":' + id_ + b',"method":"ping"}')
    assert (error.code, error.message) == (INVALID_REQUEST, "id must be a string or an integer")


@pytest.mark.parametrize("id_", [b"1.5", b"{}", b"false"])
def test_a_response_to_an_id_that_nobody_can_have_sent_is_refused(id_):
    assert refused(HEAD + b'"id":' + id_ + b',"result":{}}').code == INVALID_REQUEST


@pytest.mark.requirement("base:message.kinds")
@pytest.mark.parametrize(
    ("rest", "what"),
    [
        (b'"id":1}', "a message needs a method, a result or an error"),
        (b'"id":1,"result":{},"error":{}}', "a message needs a method, a result or an error"),
        (b'"id":1,"method":1}', "method must be a string"),
        (b'"id":1,"method":null}', "method must be a string"),
        (b'"id":1,"method":["ping"]}', "method must be a string"),
        (b'"id":1,"error":"no"}', "error must be an object"),
        (b'"id":1,"error":null}', "error must be an object"),
    ],
)
def test_a_message_that_is_none_of_the_three_is_refused(rest, what):
    error = refused(HEAD + rest)
    assert (error.code, error.message) == (INVALID_REQUEST, what)


@pytest.mark.requirement("base:duplicate-keys")
def test_of_duplicate_keys_the_last_counts_and_only_it_goes_on():
    body = (
        b'{"jsonrpc":"1.0","jsonrpc":"2.0","id":1,"id":2,"method":"tools/call","method":"ping","params":{"a":1},"params":{"a":2}}'
    )
    message = decode_message(body)
    assert (message.method, bytes(message.id or b"")) == ("ping", b"2")
    assert encode(message.members) == HEAD + b'"id":2,"method":"ping","params":{"a":2}}'


@pytest.mark.requirement("base:duplicate-keys")
def test_of_duplicate_params_the_last_counts_and_only_it_goes_on():
    message = decode_message(HEAD + b'"id":1,"method":"tools/call","params":{"name":"allowed","name":"other","n\\u0061me":"last"}}')
    params = message.params()
    assert string_of(params["name"]) == "last"
    assert encode(params) == b'{"name":"last"}'


@pytest.mark.requirement("base:unknown-members")
def test_members_and_params_that_nobody_knows_survive_to_the_byte():
    kept = b'{"a":1.0,"b":1e400,"c":[null,{"x": "\\u0041"}],"d":123456789012345678901234567890,"\xc3\xa9":""}'
    body = HEAD + b'"id":1,"method":"x","params":' + kept + b',"trace":' + kept + b"}"
    message = decode_message(body)
    assert encode(message.members) == body
    assert bytes(message.members["trace"]) == kept
    assert encode(message.params()) == kept


@pytest.mark.parametrize(
    ("body", "params"),
    [(b"", {}), (b',"params":{}', {}), (b',"params": {"a": 1 }', {"a": Raw(b"1")})],
)
def test_params_are_an_object_or_absent(body, params):
    assert decode_message(HEAD + b'"id":1,"method":"x"' + body + b"}").params() == params


@pytest.mark.requirement("base:params.object")
@pytest.mark.parametrize("params", [b"[1,2]", b"[]", b"null", b"1", b'"x"'])
def test_positional_params_are_refused(params):
    message = decode_message(HEAD + b'"id":1,"method":"x","params":' + params + b"}")
    with pytest.raises(RpcError) as caught:
        message.params()
    assert (caught.value.code, caught.value.message) == (INVALID_PARAMS, "params must be an object")


@pytest.mark.requirement("stdio:one-line")
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_message_on_several_lines_goes_on_in_one(end):
    written = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"a": ["b\n\r", {"c": 1}]}, "x": {"y": [1]}}, indent=2)
    message = decode_message(written.replace("\n", end.decode()).encode() + end)
    for part in (encode(message.members), bytes(message.members["result"]), bytes(message.members["x"])):
        assert b"\n" not in part
        assert b"\r" not in part
    assert json.loads(encode(message.members)) == json.loads(written)


def test_a_message_may_come_as_a_part_of_another():
    assert decode_message(Raw(HEAD + b'"method":"x"}')).method == "x"


def deeper(levels, function):
    """`function` called `levels` further down the stack."""
    return function() if levels == 0 else deeper(levels - 1, function)


def test_a_part_that_is_nested_too_deeply_to_be_looked_at_counts_as_no_object():
    depth = sys.getrecursionlimit()
    message = None
    while message is None:  # the deepest message that is accepted here
        depth -= 10
        inner = b"[" * depth + b"]" * depth
        with suppress(msgspec.DecodeError):
            message = as_message(members_of(HEAD + b'"id":1,"method":"x","params":{"a":' + inner + b"}}"))
    params = message.members["params"]
    with pytest.raises(RpcError, match="params must be an object"):
        deeper(50, message.params)
    with pytest.raises(msgspec.DecodeError, match="nested too deeply"):
        deeper(50, lambda: members_of(params))
    with pytest.raises(msgspec.DecodeError, match="nested too deeply"):
        deeper(50, lambda: objects_of(Raw(b"[" + bytes(params) + b"]")))


def test_messages_of_ours_have_what_their_kind_needs():
    assert json.loads(envelope.request(1, "m", {"a": Raw(b"1e2")})) == {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "m",
        "params": {"a": 100},
    }
    assert envelope.notification("m") == HEAD + b'"method":"m"}'
    assert envelope.notification("m", {}) == HEAD + b'"method":"m","params":{}}'
    assert envelope.result(Raw(b"1"), Raw(b'{"a":1e2}')) == HEAD + b'"id":1,"result":{"a":1e2}}'


def test_a_byte_order_mark_is_ignored():
    message = decode_message(b"\xef\xbb\xbf" + HEAD + b'"id":1,"method":"ping"}')
    assert (message.method, message.members["id"]) == ("ping", Raw(b"1"))


@pytest.mark.parametrize(
    ("id_", "number"),
    [(b"7", 7), (b'"7"', 7), (b"-7", None), (b'"a"', None), (b'""', None), (b"null", None), (b"1" * 16, None), (None, None)],
)
def test_an_id_of_ours_is_known_again_though_it_comes_back_as_text(id_, number):
    assert number_of(None if id_ is None else Raw(id_)) == number


@pytest.mark.parametrize(
    ("value", "text"), [(None, None), (Raw(b'"a"'), "a"), (Raw(b"1"), None), (Raw(b"null"), None), (Raw(b"x"), None)]
)
def test_a_string_is_read_as_one_and_everything_else_as_none(value, text):
    assert string_of(value) == text


def test_a_list_of_objects_is_read_as_one_and_everything_else_refused():
    assert objects_of(Raw(b'[{"a": 1}]')) == [{"a": Raw(b"1")}]
    for other in (b"[1]", b"{}", b"null"):
        with pytest.raises(msgspec.DecodeError):
            objects_of(Raw(other))


def attempted(function):
    """What `function` returns, or the error that it has for the client."""
    try:
        return function()
    except RpcError as error:
        return error


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text().filter(lambda key: key not in {"jsonrpc", "id", "method"}), JSON),
    st.text(),
    st.integers() | st.text(),
)
def test_any_message_goes_through_unchanged(extra, method, id_):
    whole = {"jsonrpc": "2.0", "id": id_, "method": method, **extra}
    message = decode_message(json.dumps(whole).encode())
    assert message.method == method
    assert json.loads(encode(message.members)) == whole
    assert decode_message(encode(message.members)).members == message.members


@pytest.mark.requirement("base:parse-error")
@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()) | st.text().map(str.encode))
def test_any_bytes_are_a_message_or_an_error_for_the_client(body):
    outcome = attempted(lambda: decode_message(body))
    assert isinstance(outcome, Message) or outcome.code in {PARSE_ERROR, INVALID_REQUEST}


@given(
    st.dictionaries(
        st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error"]),
        st.sampled_from([b'"2.0"', b"1", b"null", b"{}", b"[]", b'"a"', b"1.5", b"true"]),
    )
)
def test_any_members_are_a_message_of_one_kind_or_refused(members):
    outcome = attempted(lambda: as_message({name: Raw(value) for name, value in members.items()}))
    if isinstance(outcome, Message):
        assert outcome.is_response == ("method" not in members)
        assert outcome.is_request == ("method" in members and "id" in members)
    else:
        assert outcome.code == INVALID_REQUEST


@given(
    st.dictionaries(
        st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error", "more"]),
        st.sampled_from([b'"2.0"', b"1", b"null", b"{}", b"[]", b'"a"', b"1.5", b"-7", b'{"a":1}']),
    )
)
def test_a_message_read_in_one_go_is_the_one_that_its_members_are(members):
    given_members = {name: Raw(value) for name, value in members.items()}
    at_once, by_member = (
        attempted(lambda: decode_message(encode(given_members))),
        attempted(lambda: as_message(given_members)),
    )
    if isinstance(by_member, Message):
        assert isinstance(at_once, Message)
        read = [
            (one.method, one.id, one.members, attempted(one.params), bytes(one.result), one.error) for one in (at_once, by_member)
        ]
        assert _shown(read[0]) == _shown(read[1])
    else:
        assert (at_once.code, at_once.message) == (by_member.code, by_member.message)


def _shown(read):
    return [(one.code, one.message) if isinstance(one, RpcError) else one for one in read]


@pytest.mark.parametrize("rest", [b'"x":"\xff"}', b'"x":}', b'"x":' + b"[" * 5000 + b"]" * 5000 + b"}"])
def test_what_is_no_json_is_so_whatever_else_is_wrong_with_it(rest):
    error = attempted(lambda: decode_message(b'{"jsonrpc":"2.0","id":1,"method":5,' + rest))
    assert error.code == PARSE_ERROR


@given(JSON)
def test_a_value_among_members_is_its_json(value):
    assert json.loads(encode({"a": raw(value)})) == {"a": value}
