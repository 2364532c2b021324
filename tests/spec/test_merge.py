import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.spec.merge import merge
from mcp_stack.spec.probes import HANDLERS

leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=3)
maps = st.recursive(leaves, lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=4), max_leaves=12)
documents = st.dictionaries(st.sampled_from("abcd"), maps, max_size=4)


@given(documents)
def test_nothing_changes_nothing(document):
    assert merge(document, {}) == document == merge({}, document) == merge(document, document)


@given(documents, documents)
def test_every_field_comes_from_one_of_both_and_the_upper_one_wins(base, over):
    merged = merge(base, over)
    assert set(merged) == set(base) | set(over)
    for key, value in merged.items():
        if key not in over:
            assert value == base[key]
        elif not (isinstance(over[key], dict) and isinstance(base.get(key), dict)):
            assert value == over[key]
        else:
            assert value == merge(base[key], over[key])


@given(documents, documents, documents)
def test_it_does_not_matter_where_one_starts(first, second, third):
    if not any(_meets_a_leaf(*pair) for pair in ((first, second), (second, third), (first, third))):
        assert merge(merge(first, second), third) == merge(first, merge(second, third))


def _meets_a_leaf(one, other):
    """Whether a map stands against a leaf: there the upper one replaces a whole subtree, which cannot be undone."""
    return any(
        _meets_a_leaf(one[key], other[key])
        if isinstance(one[key], dict) and isinstance(other[key], dict)
        else isinstance(one[key], dict) or isinstance(other[key], dict)
        for key in one.keys() & other.keys()
    )


@given(documents, documents)
def test_neither_side_is_changed(base, over):
    before = (repr(base), repr(over))
    merge(base, over)
    assert (repr(base), repr(over)) == before


@pytest.mark.parametrize("way", HANDLERS)
def test_a_probe_asks_in_the_way_said_last(way):
    base = {"http_get": {"path": "/"}, "exec": ["x"], "period_seconds": 5}
    assert merge(base, {way: {"own": 1}}) == {"period_seconds": 5, way: {"own": 1}}
