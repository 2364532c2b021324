"""Ids of tasks: whose they are, and where they stand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from mcp_stack_proxy.wire.envelope import members_of
from mcp_stack_proxy.wire.sealing import KEY_BYTES, Keyring
from mcp_stack_proxy.wire.task_ids import (
    EXTENSION,
    RELATED,
    TaskIds,
    for_legacy,
    for_modern,
    in_meta,
    in_result,
    is_created,
    wants_task,
)

IDS = TaskIds(Keyring([bytes(KEY_BYTES)]))
META = {"_meta": {RELATED: {"taskId": "t", "more": 1}, "own": 2}}
NAMED = {"_meta": {RELATED: {"taskId": "<t>", "more": 1}, "own": 2}}


def raw(value):
    return Raw(json.dumps(value).encode())


def shown(members):
    return {name: json.loads(bytes(value)) for name, value in members.items()}


@given(st.sampled_from(["a", "git-hub", "x1"]), st.text(), st.none() | st.text(min_size=1))
def test_an_id_leads_back_to_its_task_and_for_nobody_else(server, native, subject):
    public = IDS.public(server, native, subject)
    assert IDS.resolve(public, subject) == (server, native)
    for other in (None, "", "somebody else"):
        assert other == subject or IDS.resolve(public, other) != (server, native)


@pytest.mark.parametrize("subject", [None, "ann"])
@pytest.mark.parametrize("text", ["", "t", "1", "1AAAA"])
def test_an_id_that_nobody_was_given_is_no_task(text, subject):
    assert IDS.resolve(text, subject) is None


def test_who_is_known_cannot_make_an_id():
    assert IDS.resolve("a+t", "ann") is None


@pytest.mark.parametrize(
    ("method", "result", "expected"),
    [
        ("tools/call", {"task": {"taskId": "t", "ttl": 1}}, {"task": {"taskId": "<t>", "ttl": 1}}),
        ("tools/call", {"resultType": "task", "taskId": "t"}, {"resultType": "task", "taskId": "<t>"}),
        ("tools/call", {"taskId": "t", "content": []}, {"taskId": "t", "content": []}),
        ("tools/call", {"task": "t"}, {"task": {}}),
        ("tasks/get", {"taskId": "t", "status": "x", "result": {"taskId": "t"}}, None),
        ("tasks/get", {"taskId": 1}, {"taskId": 1}),
        ("tasks/result", {"content": [], **META}, {"content": [], **NAMED}),
        ("tasks/result", {"_meta": {"x": RELATED}}, {"_meta": {"x": RELATED}}),
        ("tasks/result", {"_meta": [RELATED]}, {"_meta": [RELATED]}),
        ("tasks/cancel", {}, {}),
        ("tasks/cancel", [], []),
    ],
)
def test_ids_are_found_in_results(method, result, expected):
    if expected is None:
        expected = {**result, "taskId": "<t>"}
    assert json.loads(bytes(in_result(method, raw(result), lambda native: f"<{native}>"))) == expected


def test_what_names_no_task_stays_itself():
    members = members_of(raw({"_meta": {"a": 1}}))
    assert in_meta(members, str.upper) is members
    assert in_meta({}, str.upper) == {}


@pytest.mark.parametrize(
    ("params", "modern", "wants"),
    [
        ({"task": {}}, False, True),
        ({"task": {}}, True, False),
        ({}, False, False),
        ({"_meta": {"io.modelcontextprotocol/clientCapabilities": {"extensions": {EXTENSION: {}}}}}, True, True),
        ({"_meta": {}}, True, False),
        ({}, True, False),
    ],
)
def test_who_wants_a_task_says_so(params, modern, wants):
    assert wants_task(members_of(raw(params)), modern=modern) is wants


@pytest.mark.parametrize(
    ("result", "created"), [({"resultType": "task"}, True), ({"x": "task"}, False), ({}, False), ("task", False)]
)
def test_a_task_in_place_of_a_result_is_recognised(result, created):
    assert is_created(raw(result)) is created


@pytest.mark.parametrize(
    ("offered", "legacy"),
    [
        ({"tasks": {"list": {"x": 1}, "cancel": {}}}, {"tasks": {"list": {"x": 1}, "cancel": {}}}),
        ({"tasks": {"cancel": {}}, "tools": {}}, {"tasks": {"cancel": {}, "list": {}}, "tools": {}}),
        ({"extensions": {EXTENSION: {}}}, {}),
        ({"extensions": {EXTENSION: {}, "x": 1}}, {"extensions": {"x": 1}}),
        ({"extensions": 3, "tasks": True}, {"extensions": 3, "tasks": True}),
    ],
)
def test_each_era_is_offered_its_own_tasks(offered, legacy):
    assert shown(for_legacy(members_of(raw(offered)))) == legacy
    assert shown(for_modern(members_of(raw(offered)))) == {name: value for name, value in offered.items() if name != "tasks"}
