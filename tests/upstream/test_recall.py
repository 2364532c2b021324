import pytest
from msgspec import Raw

from mcp_stack_proxy.upstream.peer import Answer, Call
from mcp_stack_proxy.upstream.recall import Recall
from mcp_stack_proxy.wire.revisions import Era


def asked(method="tools/list", era=Era.MODERN, **params):
    return Call(method, {name: Raw(value.encode()) for name, value in params.items()}, era, 0.0)


def answer(text="{}"):
    return Answer(Raw(text.encode()))


def test_what_was_answered_is_told_again_by_method_era_and_page():
    recall = Recall(1000)
    calls = [asked(), asked(era=Era.LEGACY), asked(cursor='"2"'), asked("prompts/list")]
    for number, call in enumerate(calls):
        recall.put(call, answer(str(number)), recall.changes)
    assert [bytes(recall.get(call).value) for call in calls] == [b"0", b"1", b"2", b"3"]
    assert recall.get(asked(cursor='"3"')) is None
    assert bytes(recall.get(asked(_meta="{}")).value) == b"0", "who asks makes no difference"


def test_a_changed_list_is_forgotten_and_no_other():
    recall = Recall(1000)
    calls = [asked(), asked("resources/list"), asked("resources/templates/list")]
    for call in calls:
        recall.put(call, answer(), 0)
    recall.forget("resources")
    assert [recall.get(call) is not None for call in calls] == [True, False, False]
    recall.forget()
    assert recall.get(calls[0]) is None


def test_an_answer_from_before_a_change_is_not_kept():
    recall = Recall(1000)
    before = recall.changes
    recall.forget("tools")
    recall.put(asked(), answer(), before)
    assert recall.get(asked()) is None


def test_an_error_is_not_kept():
    recall = Recall(1000)
    recall.put(asked(), Answer(Raw(b"{}"), is_error=True), 0)
    assert recall.get(asked()) is None


@pytest.mark.parametrize(("sizes", "kept"), [([6, 4], [True, True]), ([6, 5], [True, False]), ([11], [False])])
def test_no_more_than_the_limit_is_kept(sizes, kept):
    recall = Recall(10)
    calls = [asked(cursor=str(number)) for number in range(len(sizes))]
    for call, size in zip(calls, sizes, strict=True):
        recall.put(call, answer("x" * size), 0)
    assert [recall.get(call) is not None for call in calls] == kept


def test_a_newer_answer_takes_the_place_of_the_older_one():
    recall = Recall(10)
    for _ in range(5):
        recall.put(asked(), answer("x" * 9), 0)
    recall.forget()
    recall.put(asked(), answer("y" * 10), recall.changes)
    assert bytes(recall.get(asked()).value) == b"y" * 10
