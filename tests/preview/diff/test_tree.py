"""Changed places, by paths that a reader recognises."""

import pytest

from mcp_stack.preview.diff.tree import ABSENT, Change, changes
from mcp_stack.preview.values import REDACTED, Secret, Unknown


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": {"b": 1}}, {}, [("a", {"b": 1}, ABSENT)]),
        ({}, {"a": []}, [("a", ABSENT, [])]),
        ({"x/y": "1"}, {"x/y": "2"}, [('["x/y"]', "1", "2")]),
        ({"a": {"checksum/b.c": "1"}}, {"a": {"checksum/b.c": "2"}}, [('a["checksum/b.c"]', "1", "2")]),
        ({"a": ["x", "y"]}, {"a": ["x", "z"]}, [("a", ["x", "y"], ["x", "z"])]),
        ({"a": ["x"]}, {"a": {"b": 1}}, [("a", ["x"], {"b": 1})]),
        ({"a": "1"}, {"a": Unknown()}, [("a", "1", "[known after deployment]")]),
    ],
)
def test_each_difference_is_one_change(old, new, found):
    assert list(changes(old, new)) == [Change(*one) for one in found]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            [{"name": "a", "v": 1}],
            [{"name": "b", "v": 9}, {"name": "a", "v": 2}],
            [("l[b]", ABSENT, {"name": "b", "v": 9}), ("l[a].v", 1, 2)],
        ),
        ([{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}], [("l[order]", ["a", "b"], ["b", "a"])]),
        ([{"mountPath": "/x", "ro": True}], [{"mountPath": "/x", "ro": False}], [("l[/x].ro", True, False)]),
        ([{"containerPort": 80, "p": "TCP"}], [{"containerPort": 80, "p": "UDP"}], [("l[80].p", "TCP", "UDP")]),
        ([{"a": 1}], [{"a": 2}, {"a": 3}], [("l[0].a", 1, 2), ("l[1]", ABSENT, {"a": 3})]),
        ([{"name": "a"}, {"name": "a"}], [{"name": "a"}], [("l[1]", {"name": "a"}, ABSENT)]),
        ([], [{"name": "a"}], [("l[0]", ABSENT, {"name": "a"})]),
    ],
)
def test_list_items_are_paired_by_what_names_them(old, new, found):
    assert list(changes({"l": old}, {"l": new})) == [Change(*one) for one in found]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (Secret("x"), Secret("x"), []),
        (Secret("x"), Secret("y"), [("s", REDACTED, REDACTED)]),
        ("x", Secret("x"), [("s", "x", REDACTED)]),
        (Secret("x"), ABSENT, [("s", REDACTED, ABSENT)]),
        (Secret({"a": "x", "b": "y"}), Secret({"a": "x", "b": "z"}), [("s.b", REDACTED, REDACTED)]),
        (Secret({"a": "x"}), Secret({"a": "x", "c": "w"}), [("s.c", ABSENT, REDACTED)]),
        (Secret(["x"]), Secret(["y"]), [("s", REDACTED, REDACTED)]),
    ],
)
def test_of_a_secret_only_its_place_is_told(old, new, found):
    sides = [{} if side is ABSENT else {"s": side} for side in (old, new)]
    assert list(changes(*sides)) == [Change(*one, secret=True) for one in found]


def test_a_secret_within_something_added_is_masked_and_said():
    (change,) = changes({}, {"env": [{"name": "a", "value": Secret("hush")}]})
    assert change == Change("env", ABSENT, [{"name": "a", "value": REDACTED}], secret=True)
