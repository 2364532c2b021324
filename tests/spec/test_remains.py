import pytest

from mcp_stack.spec import StackFile
from mcp_stack.spec.remains import remains

GOOD = {"image": {"repository": "a", "tag": "1"}}


@pytest.mark.parametrize(
    ("data", "kept"),
    [
        ({"servers": {"a": GOOD}}, {"servers": {"a": GOOD}}),
        ({"x": 1, "servers": {"a": GOOD}}, {"servers": {"a": GOOD}}),
        ({"servers": {"a": GOOD, "B": GOOD}}, {"servers": {"a": GOOD}}),
        ({"servers": {"a": {**GOOD, "port": "x", "env": {"A": 1, "B": "b"}}}}, {"servers": {"a": {**GOOD, "env": {"B": "b"}}}}),
        ({"servers": {"a": {**GOOD, "args": ["x", 1]}}}, {"servers": {"a": GOOD}}),
        ({"servers": {"a": {"image": {"tag": "1"}}}}, {"servers": {}}),
        ({"servers": {"a": {}}}, {"servers": {}}),
        ({"servers": 3}, {}),
        (3, None),
    ],
)
def test_only_what_is_refused_is_taken_out(data, kept):
    assert remains(StackFile, data) == kept
