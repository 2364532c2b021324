"""Calls to try: how they are written, and when an answer is true."""

import pytest

from mcp_stack.local.calls import Call, holds, read_calls, with_nonce
from mcp_stack_proxy.config import ConfigError
from tests.local.stacks import spec_of

SPEC = spec_of({"clock": {"command": ["clock"]}})


@pytest.mark.parametrize(
    ("actual", "expected", "true"),
    [
        (1, 1, True),
        (1, 2, False),
        (1, 1.0, False),
        (1, True, False),
        ("a b", "a b", True),
        ("a b", "a", False),
        (None, None, True),
        ({"days": 1, "weeks": 0}, {"days": 1}, True),
        ({"days": 1}, {"days": 1, "weeks": 0}, False),
        ({"days": None}, {"weeks": None}, False),
        ([{"a": 1, "b": 2}, {"a": 3}], [{"a": 3}], True),
        ([{"a": 1}], [{"a": 3}], False),
        ([], [], True),
        ("text", {"text": 1}, False),
        ("text", ["t"], False),
    ],
)
def test_an_answer_is_true_when_everything_expected_is_in_it(actual, expected, true):
    assert holds(actual, expected) is true


def test_a_nonce_reaches_every_text():
    assert with_nonce({"a": ["x-{nonce}", 1], "b": {"c": "{nonce}{nonce}"}}, "7") == {"a": ["x-7", 1], "b": {"c": "77"}}


def test_calls_are_read_by_server(tmp_path):
    (tmp_path / "calls.local.yaml").write_text("clock:\n  - {tool: between, arguments: {start: '2026-01-01'}, result: {days: 1}}\n")
    assert read_calls(tmp_path, SPEC) == {"clock": [Call(tool="between", arguments={"start": "2026-01-01"}, result={"days": 1})]}


def test_without_a_file_no_call_is_known(tmp_path):
    assert read_calls(tmp_path, SPEC) == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("clok: []", "clok: no server of Pulumi.local.yaml; it has clock"),
        ("clock: [{tool: x}]", "clock[0].result: required, but missing"),
        ("clock: [{tool: x, result: 1, args: {}}]", "clock[0].args: unknown key, did you mean `arguments`?"),
        ("[clock]", "a list: expected a mapping of keys"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(tmp_path, text, problem):
    (tmp_path / "calls.local.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_calls(tmp_path, SPEC)
    assert str(caught.value) == f"calls.local.yaml: 1 problem\n  {problem}"


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    (tmp_path / "calls.local.yaml").write_text("clock: [")
    with pytest.raises(ConfigError, match=r"is no YAML: .* line 1, column 9"):
        read_calls(tmp_path, SPEC)
