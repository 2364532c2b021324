"""Revisions and eras."""

import pytest

from mcp_stack_proxy.wire.revisions import (
    CACHEABLE,
    HANDSHAKE,
    LATEST_HANDSHAKE,
    LATEST_MODERN,
    MODERN,
    REPLAY_SAFE,
    Era,
    era_of,
)


@pytest.mark.requirement("base:era.by-version-header")
@pytest.mark.parametrize(
    ("header", "era"),
    [
        (None, Era.LEGACY),
        ("2024-11-05", Era.LEGACY),
        ("2025-03-26", Era.LEGACY),
        ("2025-06-18", Era.LEGACY),
        ("2025-11-25", Era.LEGACY),
        ("2026-07-28", Era.MODERN),
        ("2027-01-01", Era.MODERN),
        ("", Era.MODERN),
        ("2025-11-25 ", Era.MODERN),
    ],
)
def test_the_version_header_says_the_era(header, era):
    assert era_of(header) is era


def test_revisions_are_listed_oldest_first_and_each_once():
    both = (*HANDSHAKE, *MODERN)
    assert list(both) == sorted(set(both))
    assert (LATEST_HANDSHAKE, LATEST_MODERN) == ("2025-11-25", "2026-07-28")


def test_nothing_that_may_act_is_sent_twice():
    assert "tools/call" not in REPLAY_SAFE
    assert CACHEABLE <= REPLAY_SAFE
