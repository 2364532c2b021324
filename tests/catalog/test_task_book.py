"""Who made which task: each its own, and never more of them than there is room for."""

import pytest

from mcp_stack_proxy.catalog import task_book
from mcp_stack_proxy.catalog.task_book import Made, TaskBook

ANN, BOB = ("subject", "ann"), ("session", "ann")


def made(public):
    return Made("s", "t", public, "")


def noted(book, owner):
    return [one.public for one in book.of(owner)]


@pytest.fixture
def book():
    return TaskBook()


def test_each_has_its_own_tasks(book):
    book.note(ANN, made("1"))
    book.note(BOB, made("2"))
    book.note(ANN, made("3"))
    assert (noted(book, ANN), noted(book, BOB), noted(book, ("session", None))) == (["1", "3"], ["2"], [])


def test_a_task_is_forgotten_once_and_by_its_owner_alone(book):
    book.note(ANN, made("1"))
    book.forget(BOB, "1")
    assert noted(book, ANN) == ["1"]
    for _ in range(2):
        book.forget(ANN, "1")
        assert noted(book, ANN) == []
    book.note(ANN, made("2"))
    book.forget(ANN, "1")
    assert noted(book, ANN) == ["2"]


def test_of_one_caller_the_oldest_go_first(book, monkeypatch):
    monkeypatch.setattr(task_book, "MAX_OWN", 2)
    book.note(BOB, made("0"))
    for number in "1231":
        book.note(ANN, made(number))
    assert (noted(book, ANN), noted(book, BOB)) == (["3", "1"], ["0"])


def test_of_all_callers_who_was_not_heard_of_for_longest_loses_its_oldest(book, monkeypatch):
    monkeypatch.setattr(task_book, "MAX_TASKS", 3)
    for owner, number in ((ANN, "1"), (BOB, "2"), (ANN, "3"), (ANN, "4"), (ANN, "5")):
        book.note(owner, made(number))
    assert (noted(book, BOB), noted(book, ANN)) == ([], ["3", "4", "5"])


def test_a_task_that_is_noted_twice_counts_once(book, monkeypatch):
    monkeypatch.setattr(task_book, "MAX_TASKS", 2)
    for number in ("1", "1", "1", "2"):
        book.note(ANN, made(number))
    assert noted(book, ANN) == ["1", "2"]
