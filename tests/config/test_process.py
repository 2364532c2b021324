"""How a process is kept: what the keys accept, and the exact sentence where they do not."""

import pytest

from mcp_stack_proxy.config import ConfigError, ProxyConfig, ServerConfig, bytes_of, seconds_of, validate


def refused(server):
    with pytest.raises(ConfigError) as caught:
        validate(ProxyConfig, {"servers": {"a": server}}, "stack.yaml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("2m", 120), ("1h", 3600), ("90", 90), ("1.5m", 90), ("0.25", 0.25), ("0.5s", 0.5)]
)
def test_durations_have_units(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "2d", "-1s", "0", "0m", "1m30s", "2 m", "2M", "inf", "1e3", "٣"])
def test_what_is_no_duration_is_said(text):
    with pytest.raises(ValueError, match="is no duration above zero, such as 30s, 2m, 1h or 90 "):
        seconds_of(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512Mi", 2**29),
        ("1Gi", 2**30),
        ("1.5G", 1_500_000_000),
        ("64Ki", 65536),
        ("1k", 1000),
        ("10M", 10**7),
        ("1T", 10**12),
        ("1Ti", 2**40),
        ("1000000", 1_000_000),
    ],
)
def test_memory_has_units(text, size):
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "Mi", "512mi", "512MB", "-1Mi", "1 Gi", "1K", "ki"])
def test_what_is_no_memory_is_said(text):
    with pytest.raises(ValueError, match="is no amount of memory, such as 512Mi"):
        bytes_of(text)


@pytest.mark.parametrize("text", ["0", "0Mi", "0.1"])
def test_no_memory_at_all_is_refused(text):
    with pytest.raises(ValueError, match="is less than a byte"):
        bytes_of(text)


@pytest.mark.parity("aggregate.idle-stop")
@pytest.mark.parametrize(
    ("given", "kept"), [("adaptive", "adaptive"), ("never", "never"), ("2m", "2m"), (120, "120"), (0.5, "0.5")]
)
def test_an_idle_time_is_a_word_or_a_duration(given, kept):
    assert ServerConfig.model_validate({"command": "x", "process": {"idle_timeout": given}}).process.idle_timeout == kept


@pytest.mark.parametrize(
    ("process", "problem"),
    [
        (
            {"start": "lazily"},
            "process.start: 'lazily': input should be 'first_call' or 'startup'",
        ),
        (
            {"idle_timeout": "sometimes"},
            "process.idle_timeout: 'sometimes' is no duration above zero, such as 30s, 2m, 1h or 90 (seconds)",
        ),
        ({"idle_timeout": True}, "process.idle_timeout: true is no number"),
        ({"max_memory": "lots"}, "process.max_memory: 'lots' is no amount of memory, such as 512Mi, 1.5G or 536870912 (bytes)"),
        ({"min_idle_timeout": "1m"}, "process: `min_idle_timeout` does nothing without `idle_timeout: adaptive`"),
        (
            {"idle_timeout": "2m", "max_idle_timeout": "5m"},
            "process: `max_idle_timeout` does nothing without `idle_timeout: adaptive`",
        ),
        ({"max_sessions": 2}, "process: `max_sessions` does nothing without `sharing: session`"),
        (
            {"idle_timeout": "adaptive", "min_idle_timeout": "10m"},
            "process: `min_idle_timeout` (10m) is above `max_idle_timeout` (5m)",
        ),
        ({"max_starts": 0}, "process.max_starts: 0: input should be greater than 0"),
        ({"sharing": "all"}, "process.sharing: 'all': input should be 'shared' or 'session'"),
    ],
)
def test_what_cannot_be_meant_is_refused(process, problem):
    assert refused({"command": "x", "process": process}) == [f"servers.a.{problem}"]


def test_a_server_without_process_has_none_to_keep():
    assert refused({"url": "http://a", "process": {}}) == ["servers.a: `process` does nothing beside `url`"]


def test_bounds_beside_what_they_bound_are_taken():
    process = {
        "idle_timeout": "adaptive",
        "min_idle_timeout": 30,
        "max_idle_timeout": "1h",
        "sharing": "session",
        "max_sessions": 2,
    }
    config = ServerConfig.model_validate({"command": "x", "process": process}).process
    assert (config.min_idle_timeout, config.inert()) == ("30", [])
