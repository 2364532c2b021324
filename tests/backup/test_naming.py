"""Names of backups: an order that no clock upsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.backup.errors import UsageError
from mcp_stack_proxy.backup.naming import Stored, checked_name, chosen, divided, next_id, stored

NOON = 1_700_000_000.9


def test_an_id_is_the_time_and_a_count():
    assert next_id(NOON, []) == "20231114T221320Z-0000"
    assert next_id(NOON, ["20231114T221320Z-0000"]) == "20231114T221320Z-0001"


@pytest.mark.parametrize("newest", ["20300101T000000Z-0000", "20231114T221320Z-0007", "20231114T221320Z-9999"])
def test_a_clock_that_went_back_still_gives_the_greatest_id(newest):
    found = next_id(NOON, ["20200101T000000Z-0000", newest])
    assert found > newest
    assert stored(f"data-{found}.tar.gz", 1) == Stored("data", found, 1)


@given(st.lists(st.floats(0, 4e9), min_size=2, max_size=40))
def test_ids_rise_whatever_the_clock_says(moments):
    ids = []
    for now in moments:
        ids.append(next_id(now, ids))
    assert ids == sorted(set(ids))


@pytest.mark.parametrize(
    "file",
    [
        "data-20231114T221320Z-0000.tar",
        "data-20231399T221320Z-0000.tar.gz",
        ".partial-data-20231114T221320Z-0000.tar.gz",
        "-20231114T221320Z-0000.tar.gz",
        "notes.txt",
    ],
)
def test_whatever_else_lies_in_a_target_is_no_backup(file):
    assert stored(file, 1) is None


def test_a_name_may_hold_dashes():
    assert stored("notes-data-0-20231114T221320Z-0000.tar.gz", 1) == Stored("notes-data-0", "20231114T221320Z-0000", 1)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a/b", "..", "a" * 101, "ä"])
def test_a_name_that_is_none_is_refused_with_the_rule(name):
    with pytest.raises(UsageError, match="1 to 100 of a-z"):
        checked_name(name)


@pytest.mark.parametrize("name", ["a", "0", "notes-data-0", "a.b", "a" * 100])
def test_a_name_is_taken(name):
    assert checked_name(name) == name


@pytest.mark.parametrize(
    ("target", "place", "found"),
    [
        ("/backups", "/backups", None),
        ("/backups@20231114T221320Z-0000", "/backups", "20231114T221320Z-0000"),
        ("s3://bucket/a@b@20231114T221320Z-0000", "s3://bucket/a@b", "20231114T221320Z-0000"),
        ("s3://bucket/a@b", "s3://bucket/a@b", None),
        ("@20231114T221320Z-0000", "@20231114T221320Z-0000", None),
    ],
)
def test_an_id_stands_behind_its_target(target, place, found):
    assert divided(target) == (place, found)


A1, A2, B1 = Stored("a", "1"), Stored("a", "2"), Stored("b", "1")


@pytest.mark.parametrize(
    ("found", "name", "wanted", "expected"),
    [([A1, A2], None, None, A2), ([A2, A1, B1], "a", None, A2), ([A1, A2, B1], "a", "1", A1), ([A1, A2], None, "1", A1)],
)
def test_the_newest_is_meant_unless_said_otherwise(found, name, wanted, expected):
    assert chosen(found, "/b", name, wanted) == expected


@pytest.mark.parametrize(
    ("found", "name", "wanted", "why"),
    [
        ([A1, B1], None, None, "holds backups of a, b; say which with --name"),
        ([A1], "b", None, "does not hold a backup of 'b'; it has a"),
        ([A1], None, "3", "does not hold a backup with the id 3; it has a"),
        ([], None, None, "does not hold a backup; it has none at all"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(found, name, wanted, why):
    with pytest.raises(UsageError, match=why):
        chosen(found, "/b", name, wanted)
