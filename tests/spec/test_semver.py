from itertools import pairwise

import pytest

from mcp_stack.spec.semver import Version, allows, check_constraint, version


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.4.2", Version(1, 4, 2)),
        ("v0.0.1", Version(0, 0, 1)),
        ("1.0.0-rc.1", Version(1, 0, 0, ("rc", "1"))),
        ("1.4", None),
        ("01.4.2", None),
        ("1.4.2+5", None),
        ("1.4.2-", None),
        ("develop", None),
    ],
)
def test_a_tag_is_a_version_or_none(text, found):
    assert version(text) == found


def test_versions_are_in_the_order_of_the_standard():
    ascending = (
        "1.0.0-1 1.0.0-2 1.0.0-11 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-rc.2 1.0.0-rc.11 1.0.0 1.0.1 1.2.0 1.10.0 2.0.0"
    )
    found = [version(text) for text in ascending.split()]
    assert sorted([*found[5:], *found[:5]]) == found
    assert all(low < high and high > low and low <= high and not high <= low for low, high in pairwise(found))


@pytest.mark.parametrize(
    ("constraint", "inside", "outside"),
    [
        ("^1.4", "1.4.0 1.9.9", "1.3.9 2.0.0 1.5.0-rc.1 2.0.0-rc.1"),
        ("^1.4.2", "1.4.2 1.5.0", "1.4.1 2.0.0"),
        ("^0.3.1", "0.3.1 0.3.9", "0.3.0 0.4.0"),
        ("^0.0.3", "0.0.3", "0.0.2 0.0.4"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^0", "0.0.0 0.9.9", "1.0.0"),
        ("~1.4.2", "1.4.2 1.4.9", "1.5.0"),
        ("~1.4", "1.4.0 1.4.9", "1.5.0"),
        ("~1", "1.0.0 1.9.0", "2.0.0"),
        ("1.4.2", "1.4.2", "1.4.3 1.4.2-rc.1"),
        ("=v1.4.2", "1.4.2", "1.4.3"),
        ("1.4", "1.4.0 1.4.9", "1.5.0 1.3.0"),
        ("1.x", "1.0.0 1.9.9", "2.0.0"),
        ("*", "0.0.0 99.0.0", "1.0.0-rc.1"),
        ("^x", "0.0.0 99.0.0", "1.0.0-rc.1"),
        (">=1.4 <3", "1.4.0 2.9.9", "1.3.9 3.0.0"),
        (">= 1.4, < 3", "1.4.0 2.9.9", "1.3.9 3.0.0"),
        (">1.4", "1.5.0", "1.4.9"),
        (">1.4.2", "1.4.3", "1.4.2"),
        ("<=1.4", "1.4.9 0.1.0", "1.5.0"),
        ("<=1.4.2", "1.4.2", "1.4.3"),
        ("^1.4 || ^3", "1.5.0 3.0.1", "2.0.0"),
        ("^1.5.0-rc.1", "1.5.0-rc.1 1.5.0-rc.2 1.5.0 1.6.0", "1.5.0-beta 1.6.0-rc.1"),
    ],
)
def test_a_range_holds_what_npm_and_helm_mean_by_it(constraint, inside, outside):
    assert check_constraint(constraint) == constraint
    assert [text for text in inside.split() if not allows(constraint, version(text))] == []
    assert [text for text in outside.split() if allows(constraint, version(text))] == []


@pytest.mark.parametrize("constraint", ["", " ", "^1.4 ||", "latest", "1.4.2.1", "=>1", ">*", "<x", "1..2", "^1.4!"])
def test_what_is_no_range_is_refused(constraint):
    with pytest.raises(ValueError, match="range"):
        check_constraint(constraint)
