"""The coverage table: rooms, thresholds, and gaps that are named."""

import pytest

from tools.checks.rooms import Room, rooms, short


def report(covered, total, missing_lines=(), missing_branches=()):
    return {
        "summary": {
            "covered_lines": covered,
            "num_statements": total,
            "covered_branches": 0,
            "num_branches": len(missing_branches),
        },
        "missing_lines": list(missing_lines),
        "missing_branches": list(missing_branches),
    }


FILES = {
    "proxy/mcp_stack_proxy/wire/sse.py": report(10, 10),
    "proxy/mcp_stack_proxy/wire/deep/er.py": report(8, 10, [3, 4], [(1, 2)]),
    "proxy/mcp_stack_proxy/errors.py": report(5, 5),
}


def test_a_room_sums_up_its_files_and_those_below():
    gap = "proxy/mcp_stack_proxy/wire/deep/er.py: 3, 4, 1->2"
    assert rooms(FILES) == {
        "proxy/mcp_stack_proxy": Room(5, 5, ()),
        "proxy/mcp_stack_proxy/wire": Room(18, 21, (gap,)),
    }


@pytest.mark.parametrize(("covered", "total", "percent"), [(0, 0, 100), (3, 3, 100), (9999, 10000, 99.9), (1, 3, 33.3), (0, 3, 0)])
def test_only_all_is_a_hundred(covered, total, percent):
    assert Room(covered, total, ()).percent == percent


def test_a_room_below_its_threshold_is_named_with_its_gaps():
    lines = short(rooms(FILES), {"proxy/mcp_stack_proxy/wire": 100, "proxy/mcp_stack_proxy": 100})
    assert lines == [
        "proxy/mcp_stack_proxy/wire: 85.7 %, at least 100 % is asked",
        "  proxy/mcp_stack_proxy/wire/deep/er.py: 3, 4, 1->2",
    ]
    assert short(rooms(FILES), {"proxy/mcp_stack_proxy/wire": 85}) == []


def test_a_threshold_without_a_room_does_not_hold_silently():
    assert short({}, {"proxy/gone": 100}) == ["proxy/gone: has a threshold and no code"]
