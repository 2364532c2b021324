"""Those who want to hear of changes."""

from mcp_stack_proxy.catalog.offer import Watchers


def test_everyone_who_watches_hears_of_each_change_in_the_order_in_which_they_came():
    watchers, heard = Watchers(), []
    watchers.add(lambda kind: heard.append(("a", kind)))
    watchers.add(lambda kind: heard.append(("b", kind)))
    watchers.tell("tools")
    watchers.tell("prompts")
    assert heard == [("a", "tools"), ("b", "tools"), ("a", "prompts"), ("b", "prompts")]


def test_who_stops_hears_no_more_and_may_stop_twice():
    watchers, heard = Watchers(), []
    stop = watchers.add(heard.append)
    stop()
    stop()
    watchers.tell("tools")
    assert heard == []


def test_two_who_watch_with_the_same_function_stop_each_for_itself():
    watchers, heard = Watchers(), []
    stop = watchers.add(heard.append)
    watchers.add(heard.append)
    stop()
    stop()
    watchers.tell("tools")
    assert heard == ["tools"]


def test_one_may_stop_or_come_while_a_change_is_told():
    watchers, heard = Watchers(), []

    def once(kind):
        heard.append(kind)
        stop()
        watchers.add(heard.append)

    stop = watchers.add(once)
    watchers.tell("tools")
    watchers.tell("prompts")
    assert heard == ["tools", "prompts"]
