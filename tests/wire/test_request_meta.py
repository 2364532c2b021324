"""What a modern request says of itself."""

import pytest
from msgspec import Raw

from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import INVALID_PARAMS, RpcError
from mcp_stack_proxy.wire.request_meta import request_meta
from mcp_stack_proxy.wire.revisions import META_CAPABILITIES, META_CLIENT, META_LOG_LEVEL, META_VERSION
from mcp_stack_proxy.wire.task_ids import EXTENSION

LEAST = {META_VERSION: "2026-07-28", META_CAPABILITIES: {}}


def read(**members):
    return request_meta({"_meta": raw({**LEAST, **members})})


def test_all_of_it_is_read():
    found = read(**{META_CLIENT: {"name": "x"}, META_LOG_LEVEL: "debug", META_CAPABILITIES: {"elicitation": {}}})
    assert (found.version, bytes(found.client), found.log_level) == ("2026-07-28", b'{"name":"x"}', "debug")
    assert found.capabilities == {"elicitation": raw({})}


@pytest.mark.parametrize("level", [None, "loud", 3])
def test_a_level_that_there_is_not_asks_for_none(level):
    assert read(**{META_LOG_LEVEL: level}).log_level is None


def test_a_client_that_answers_nothing_has_no_capabilities():
    assert read(**{META_CAPABILITIES: {"experimental": {}}}).capabilities == {}
    assert read().client is None


@pytest.mark.parametrize("size", [10, 10_000])
def test_requests_that_say_the_same_share_it_unless_it_is_large(size):
    client = {"name": "x" * size}
    first, second = read(**{META_CLIENT: client}), read(**{META_CLIENT: client})
    assert first == second
    assert (first is second) == (size < 2048)


@pytest.mark.parametrize("meta", [b"null", b"[]", b'"x"', b"{}", b"[" * 5000])
def test_what_is_none_is_refused_each_time(meta):
    for _ in range(2):
        with pytest.raises(RpcError) as caught:
            request_meta({"_meta": Raw(meta)})
        assert caught.value.code == INVALID_PARAMS


@pytest.mark.parametrize(
    ("more", "bare"),
    [
        ({}, True),
        ({META_CLIENT: {"name": "x"}}, True),
        ({"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}, False),
        ({"baggage": "a=b"}, False),
        ({META_CAPABILITIES: {"extensions": {EXTENSION: {}}}}, False),
    ],
)
def test_it_is_bare_where_it_says_nothing_of_traces_or_tasks(more, bare):
    assert read(**more).bare is bare
