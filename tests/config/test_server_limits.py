"""Bounds of one server in the place of the process's."""

import pytest

from mcp_stack_proxy.config import Limits, ProxyConfig, ServerLimits, limits_of


def config(own, **limits):
    server = {"url": "http://a.example/mcp"} | ({} if own is None else {"limits": own})
    return ProxyConfig.model_validate({"servers": {"a": server}, "limits": limits})


TIMES = ["connect_seconds", "max_connection_age_seconds"]
TIMES += ["exchange_seconds", "request_seconds", "discovery_seconds", "catalog_seconds"]


@pytest.mark.parametrize("key", TIMES)
def test_each_time_of_a_server_stands_in_the_place_of_the_processs(key):
    limits = limits_of(config({key: 7}, **dict.fromkeys(TIMES, 9)), "a")
    assert limits == Limits.model_validate({**dict.fromkeys(TIMES, 9), key: 7})


def test_everything_that_stands_in_the_place_of_something_does_so():
    assert set(TIMES) == set(ServerLimits.model_fields) & set(Limits.model_fields)


@pytest.mark.parametrize("own", [None, {}, {"max_concurrent": 2}])
def test_a_server_without_times_of_its_own_has_the_processs(own):
    whole = config(own, request_seconds=9)
    assert limits_of(whole, "a") is whole.limits


@pytest.mark.parametrize(
    ("own", "why"),
    [
        ({"max_queue": 5}, "`max_queue` does nothing without `max_concurrent`"),
        ({"queue_seconds": 5}, "`queue_seconds` does nothing without `max_concurrent`"),
        ({"max_concurrent": 1, "max_queue": 0, "queue_seconds": 5}, "`queue_seconds` does nothing where `max_queue` is 0"),
        ({"max_concurrent": 0}, "greater than 0"),
        ({"max_concurrent": True}, "true is no number"),
        ({"max_concurrent": 1, "max_queue": -1}, "greater than or equal to 0"),
        ({"drain_seconds": 5}, "Extra inputs"),
    ],
)
def test_bounds_that_do_nothing_or_mean_nothing_are_refused(own, why):
    with pytest.raises(ValueError, match=why):
        config(own)


def test_no_queue_at_all_is_a_bound():
    assert ServerLimits.model_validate({"max_concurrent": 1, "max_queue": 0}).max_queue == 0
