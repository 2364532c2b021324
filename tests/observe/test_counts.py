"""The number of series follows what servers list and what is configured, never what clients send."""

from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.observe.counts import METHODS, ServerCounts


def labels(counts):
    return sorted({(one._labels["method"], one._labels["tool"]) for one in counts.each()})


def counted(most, listed, learn=lambda: None):
    return ServerCounts("s", most, lambda: listed, learn)


def test_a_tool_has_a_label_where_its_server_lists_it():
    counts = counted(10, ("a", "b"))
    for tool in ("a", "b", "c", "d", "a"):
        counts.of("tools/call", tool).add("ok", 0.1)
    assert labels(counts) == [("tools/call", "a"), ("tools/call", "b"), ("tools/call", "other")]
    assert counts.of("tools/call", "c") is counts.of("tools/call", "d")


def test_tools_beyond_the_configured_number_share_one():
    counts = counted(2, ("a", "b", "c", "other"))
    for tool in ("a", "b", "c", "other"):
        counts.of("tools/call", tool)
    assert labels(counts) == [("tools/call", "a"), ("tools/call", "b"), ("tools/call", "other")]


def test_a_server_whose_tools_are_not_known_is_asked_for_them():
    asked = []
    listed = None
    counts = ServerCounts("s", 5, lambda: listed, lambda: asked.append(1))
    counts.of("tools/call", "a")
    assert (labels(counts), asked) == ([("tools/call", "other")], [1])
    listed = ("a",)
    counts.of("tools/call", "a")
    listed = None  # the list is stale, its names are remembered
    counts.of("tools/call", "a")
    assert labels(counts) == [("tools/call", "a"), ("tools/call", "other")]


@given(st.lists(st.tuples(st.one_of(st.sampled_from(sorted(METHODS)), st.text()), st.text(max_size=3)), max_size=60))
def test_no_client_makes_series(calls):
    counts = counted(3, ("a", "b", "c", "d", "e"))
    for method, tool in calls:
        counts.of(method, tool)
    assert len(counts.each()) <= len(METHODS) + 1 + 3 + 1
    assert {method for method, _ in labels(counts)} <= METHODS | {"other"}
