"""What a server asks, from one era to the other, and who may be asked."""

import json
import uuid

import pytest
from msgspec import Raw

from mcp_stack_proxy.errors import UpstreamError
from mcp_stack_proxy.wire import questions
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_CAPABILITY, RpcError

SAMPLE, ELICIT, ROOTS = "sampling/createMessage", "elicitation/create", "roots/list"


def members(**values):
    return {name: raw(value) for name, value in values.items()}


def plain(value):
    return json.loads(bytes(value) if isinstance(value, Raw) else bytes(raw(value)))


@pytest.mark.requirement("mrtr:declared")
@pytest.mark.parametrize(
    ("method", "params", "capabilities", "code"),
    [
        (SAMPLE, {}, {"sampling": {}}, None),
        (SAMPLE, {}, {}, METHOD_NOT_FOUND),
        (SAMPLE, {"tools": []}, {"sampling": {}}, INVALID_PARAMS),
        (SAMPLE, {"toolChoice": {}}, {"sampling": {"context": {}}}, INVALID_PARAMS),
        (SAMPLE, {"tools": []}, {"sampling": {"tools": {}}}, None),
        (ELICIT, {}, {"elicitation": {}}, None),
        (ELICIT, {"mode": "form"}, {"elicitation": {}}, None),
        (ELICIT, {"mode": "form"}, {"elicitation": {"form": {}}}, None),
        (ELICIT, {}, {"elicitation": {"url": {}}}, INVALID_PARAMS),
        (ELICIT, {"mode": "url"}, {"elicitation": {}}, INVALID_PARAMS),
        (ELICIT, {"mode": "url"}, {"elicitation": {"form": {}, "url": {}}}, None),
        (ELICIT, {"mode": 7}, {"elicitation": {"form": {}}}, INVALID_PARAMS),
        (ELICIT, {}, {"sampling": {}}, METHOD_NOT_FOUND),
        (ELICIT, {}, {"elicitation": True}, None),
        (ROOTS, {}, {"roots": {}}, None),
        (ROOTS, {}, {"elicitation": {}}, METHOD_NOT_FOUND),
        ("tasks/get", {}, {"sampling": {}, "tasks": {}}, METHOD_NOT_FOUND),
    ],
)
def test_a_client_is_asked_only_what_it_has_declared(method, params, capabilities, code):
    refusal = questions.refusal(method, members(**params), members(**capabilities))
    assert (refusal and refusal.code) == code


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"", {}),
        (b"{}", {}),
        (b"7", {}),
        (b'{"experimental":{"x":{}}}', {}),
        (b'{"sampling":null}', {}),
        (b'{"sampling":{},"roots":null,"x":1}', {"sampling": {}, "x": 1}),
    ],
)
def test_who_can_be_asked_nothing_has_declared_nothing(given, kept):
    assert plain(questions.declared(given)) == kept


def test_capabilities_are_told_to_the_other_era_without_what_it_lacks_and_never_more():
    given = members(roots={"listChanged": True, "x": 1}, tasks={}, sampling={"tools": {}}, extensions={"e": {}})
    assert plain(questions.modern_capabilities(given)) == {"roots": {"x": 1}, "sampling": {"tools": {}}, "extensions": {"e": {}}}
    assert plain(questions.legacy_capabilities(given)) == {"roots": {"listChanged": True, "x": 1}, "sampling": {"tools": {}}}
    assert questions.modern_capabilities(members(sampling={})) == members(sampling={})


def test_a_modern_client_is_asked_by_an_incomplete_result():
    asked = {
        "a": (ELICIT, members(mode="url", url="u", elicitationId="e", _meta={"progressToken": 1})),
        "b": (SAMPLE, members(messages=[], task={}, _meta={"progressToken": 1, "x": 2})),
        "c": (ROOTS, {}),
    }
    assert plain(questions.input_required(asked, "s")) == {
        "resultType": "input_required",
        "inputRequests": {
            "a": {"method": ELICIT, "params": {"mode": "url", "url": "u"}},
            "b": {"method": SAMPLE, "params": {"messages": [], "_meta": {"x": 2}}},
            "c": {"method": ROOTS},
        },
        "requestState": "s",
    }
    assert "requestState" not in plain(questions.input_required(asked, None))


@pytest.mark.requirement("mrtr:responses")
def test_answers_of_a_retry_are_a_map():
    assert questions.input_responses({}) == {}
    assert questions.input_responses(members(inputResponses={"a": 1})) == members(a=1)
    with pytest.raises(RpcError, match="must be an object"):
        questions.input_responses(members(inputResponses=[1]))


def error(**data):
    return raw({"code": -32042, "message": "visit", "data": data})


URL = {"mode": "url", "url": "u", "message": "m", "elicitationId": "e", "x": 1}


def test_a_url_that_has_to_be_visited_is_asked_of_a_modern_client():
    result = questions.url_required(error(elicitations=[URL, URL]), members(elicitation={"url": {}}))
    shown = {"method": ELICIT, "params": {"mode": "url", "url": "u", "message": "m", "x": 1}}
    assert plain(result) == {"resultType": "input_required", "inputRequests": {"url-1": shown, "url-2": shown}}


@pytest.mark.parametrize("capabilities", [{}, {"elicitation": {}}, {"elicitation": {"form": {}}}])
def test_a_client_that_visits_no_url_lacks_a_capability(capabilities):
    refusal = questions.url_required(error(elicitations=[URL]), members(**capabilities))
    assert isinstance(refusal, RpcError)
    assert (refusal.code, refusal.message) == (MISSING_CAPABILITY, "visit")
    assert refusal.data == {"requiredCapabilities": {"elicitation": {"url": {}}}}


@pytest.mark.parametrize("data", [{}, {"elicitations": []}, {"elicitations": 7}])
def test_a_url_that_is_not_named_is_the_servers_fault(data):
    with pytest.raises(UpstreamError, match="names none"):
        questions.url_required(error(**data), members(elicitation={"url": {}}))


@pytest.mark.parametrize(
    ("given", "found"), [({"code": -32042}, True), ({"code": -32041, "message": "not -32042"}, False), ({"code": 1}, False)]
)
def test_the_error_is_known_by_its_code(given, found):
    assert questions.is_url_required(raw(given)) is found


@pytest.mark.requirement("mrtr:asked.legacy")
def test_a_legacy_client_is_asked_what_a_modern_result_wants():
    requests = {"a": {"method": ELICIT, "params": {"mode": "form", "x": 1}}, "b": {"method": ROOTS}}
    wanted = questions.wanted(raw({"resultType": "input_required", "inputRequests": requests, "requestState": "s"}))
    assert {key: (method, plain(params)) for key, (method, params) in wanted.requests.items()} == {
        "a": (ELICIT, {"mode": "form", "x": 1}),
        "b": (ROOTS, {}),
    }
    assert wanted.state == raw("s")


def test_a_url_gets_the_id_that_the_legacy_revision_demands():
    requests = {"a": {"method": ELICIT, "params": {"mode": "url", "url": "u"}}}
    _, params = questions.wanted(raw({"inputRequests": requests})).requests["a"]
    assert uuid.UUID(plain(params)["elicitationId"])
    requests["a"]["params"]["elicitationId"] = "own"
    _, params = questions.wanted(raw({"inputRequests": requests})).requests["a"]
    assert plain(params)["elicitationId"] == "own"


@pytest.mark.parametrize(
    "result",
    [{}, {"inputRequests": {}}, {"inputRequests": 7}, {"inputRequests": {"a": {"method": "x"}}}, {"inputRequests": {"a": 1}}],
)
def test_a_result_that_asks_what_nobody_can_answer_is_the_servers_fault(result):
    with pytest.raises(UpstreamError):
        questions.wanted(raw(result))


@pytest.mark.requirement("mrtr:state.exact")
def test_the_call_is_sent_again_with_the_answers_and_the_state_as_it_came():
    state = Raw(b'"\\u00e9"')
    first = members(name="t", inputResponses={"old": 1}, requestState="old")
    again = questions.retried(first, members(a={"action": "accept"}), state)
    assert plain(again) == {"name": "t", "inputResponses": {"a": {"action": "accept"}}, "requestState": "é"}
    assert bytes(again["requestState"]) == b'"\\u00e9"'
    assert plain(questions.retried(first, {}, None)) == {"name": "t"}
