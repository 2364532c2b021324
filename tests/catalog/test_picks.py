"""Which things of which server a virtual server has, and what they are called there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.catalog.picks import picks_of
from mcp_stack_proxy.config import PromptSelection, ResourceSelection, ToolSelection, VirtualServer


def tool(server, tool, **more):
    return ToolSelection.model_validate({"server": server, "tool": tool, **more})


def listed(picks, server, item):
    """Entries of one thing, decoded."""
    data = json.dumps(item).encode()
    return [json.loads(pick.listed(data, pick.public(item["name"]))) for pick in picks.of(server, item["name"])]


def test_an_entry_keeps_everything_that_is_not_overridden():
    item = {"name": "a__search", "description": "Old.", "annotations": {"readOnlyHint": False, "x": 1}, "x-new": {"y": [None]}}
    hints = {"read_only": True, "open_world": False}
    pick = tool("a", "a__search", name="find", description="New.", title="Find", annotations=hints)
    (entry,) = listed(picks_of([pick]), "a", item)
    annotations = {"readOnlyHint": True, "x": 1, "openWorldHint": False}
    assert entry == {**item, "name": "find", "description": "New.", "title": "Find", "annotations": annotations}


@pytest.mark.parametrize("annotations", [{}, {"annotations": 7}, {"annotations": None}])
def test_annotations_come_even_where_a_server_has_none(annotations):
    picks = picks_of([tool("a", "t", annotations={"destructive": False, "idempotent": True})])
    (entry,) = listed(picks, "a", {"name": "t", **annotations})
    assert entry["annotations"] == {"destructiveHint": False, "idempotentHint": True}


@pytest.mark.parametrize(
    ("native", "names"),
    [("search", ["find", "hunt"]), ("get", ["gh_get"]), ("_hidden", ["gh__hidden"]), ("Get", []), ("xget", [])],
)
def test_what_is_named_by_itself_is_not_taken_by_a_pattern_again(native, names):
    picks = picks_of(
        [
            tool("a", "[gs_]*", prefix="gh_"),
            tool("a", "ge?", prefix="late_"),
            tool("a", "search", name="find"),
            tool("a", "search", name="hunt"),
        ]
    )
    assert [pick.public(native) for pick in picks.of("a", native)] == names


def test_a_name_of_the_configuration_is_nobody_elses():
    picks = picks_of([tool("a", "*"), tool("b", "get", name="search"), tool("b", "*", prefix="b_")])
    assert picks.owner("search") == ("b", "get")
    assert picks.candidates("search") == [("b", "get")]
    assert picks.candidates("get") == [("a", "get")]
    assert picks.candidates("b_get") == [("a", "b_get")], "b's own is called otherwise"
    assert picks.candidates("b_put") == [("a", "b_put"), ("b", "put")]


def test_candidates_stand_in_the_order_in_which_servers_are_named():
    picks = picks_of([tool("a", "x*"), tool("b", "*"), tool("a", "y*")])
    assert picks.candidates("y") == [("a", "y"), ("b", "y")]
    assert picks.candidates("z") == [("b", "z")]
    assert picks_of([tool("a", "x*")]).candidates("z") == []
    assert picks.servers == ("a", "b")


def test_two_patterns_of_a_server_that_give_one_name_are_both_looked_for():
    picks = picks_of([tool("a", "x*", prefix="p"), tool("a", "p*")])
    assert picks.candidates("px") == [("a", "x"), ("a", "px")]


def test_prompts_and_resources_are_picked_in_the_same_way():
    picks = picks_of([PromptSelection.model_validate({"server": "a", "prompt": "ask", "description": "New."})])
    assert listed(picks, "a", {"name": "ask", "arguments": []}) == [{"name": "ask", "arguments": [], "description": "New."}]
    picks = picks_of([ResourceSelection.model_validate({"server": "a", "uri": "docs://*"})])
    assert picks.of("a", "docs://{page}")
    assert not picks.of("a", "file:///etc")
    assert not picks.of("b", "docs://x")


NAME = st.text("abx_", min_size=1, max_size=4)
SELECTION = st.one_of(
    st.builds(tool, st.sampled_from("st"), NAME, name=st.none() | NAME),
    st.builds(tool, st.sampled_from("st"), st.sampled_from(["*", "a*", "?", "*x"]), prefix=st.sampled_from(["", "a", "x_"])),
)


def valid(selections):
    try:
        VirtualServer(tools=selections)
    except ValueError:
        return False
    return True


SELECTIONS = st.lists(SELECTION, min_size=1, max_size=6).filter(valid)


@given(SELECTIONS, st.sampled_from("st"), NAME)
def test_whatever_is_shown_can_be_called(selections, server, native):
    """Each public name leads to candidates with the thing among them, unless the configuration gave the name to another."""
    picks = picks_of(selections)
    for pick in picks.of(server, native):
        public = pick.public(native)
        assert (server, native) in picks.candidates(public) or picks.owner(public) not in (None, (server, native))


@given(SELECTIONS, NAME)
def test_whatever_can_be_called_is_shown_under_that_name(selections, public):
    picks = picks_of(selections)
    for server, native in picks.candidates(public):
        assert public in [pick.public(native) for pick in picks.of(server, native)]
