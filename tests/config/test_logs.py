"""Filters of log levels, as seed 001 writes them: one level, and parts with levels of their own."""

import pytest

from mcp_stack_proxy.config.logs import TRACE, levels_of


@pytest.mark.parity("aggregate.log-level")
@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("info", {"": 20}),
        ("TRACE", {"": TRACE}),
        ("warn,upstream=debug", {"": 30, "upstream": 10}),
        (" error , serve.http = trace ", {"": 40, "serve.http": TRACE}),
        ("asyncio=error", {"asyncio": 40}),
    ],
)
def test_a_filter_is_a_level_and_pairs(text, levels):
    assert levels_of(text) == levels


@pytest.mark.parity("aggregate.log-level")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "'': a level is one of trace, debug, info, warn, error"),
        ("loud", "'loud': a level is one of"),
        ("upstream=", "'upstream=': a level is one of"),
        ("info,", "'': a level is one of"),
        ("=debug", "'=debug': '' is no part of the proxy"),
        ("up stream=debug", "'up stream' is no part of the proxy"),
        ("info,warn", "says twice what all others log"),
        ("upstream=info,upstream=warn", "says twice what 'upstream' logs"),
    ],
)
def test_what_is_no_filter_is_refused_with_the_reason(text, why):
    with pytest.raises(ValueError, match=why.replace("(", r"\(")):
        levels_of(text)
