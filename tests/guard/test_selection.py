"""Which tools there are: allow, deny, and deny before allow."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.config import ConfigError, ToolFilter, validate
from mcp_stack_proxy.guard.selection import Selection

GLOBS = st.lists(st.text("ab*?", min_size=1, max_size=4), min_size=1, max_size=3)


@pytest.mark.parametrize(
    ("allow", "deny", "name", "admitted"),
    [
        (["create_issue", "list_issues"], [], "create_issue", True),
        (["create_issue", "list_issues"], [], "delete_repo", False),
        (["create_issue"], [], "create_issue_now", False),
        (["create_issue"], [], "Create_issue", False),
        (["*_issue"], [], "create_issue", True),
        (None, ["delete_*"], "delete_repo", False),
        (None, ["delete_*"], "list_repos", True),
        (["*"], ["delete_*"], "delete_repo", False),
        (["delete_repo"], ["delete_*"], "delete_repo", False),
        (["get_[ab]"], [], "get_b", True),
        (["get_?"], [], "get_", False),
        (["*"], [], "line\nbreak", True),
        (["a|b"], [], "a", False),
        (["a.c"], [], "abc", False),
    ],
)
def test_a_tool_is_there_if_allowed_and_not_denied(allow, deny, name, admitted):
    assert Selection(ToolFilter(allow=allow, deny=deny or [])).admits(name) is admitted if allow or deny else True


@given(GLOBS, GLOBS, st.text("abc", max_size=5))
def test_deny_always_beats_allow(allow, deny, name):
    wanted = any(fnmatchcase(name, glob) for glob in allow) and not any(fnmatchcase(name, glob) for glob in deny)
    assert Selection(ToolFilter(allow=allow, deny=deny)).admits(name) is wanted


@pytest.mark.parametrize("data", [{}, {"deny": []}, {"allow": []}, {"allow": [""]}, {"denny": ["x"]}])
def test_a_filter_that_hides_nothing_or_everything_by_accident_is_refused(data):
    with pytest.raises(ConfigError):
        validate(ToolFilter, data, "test")
