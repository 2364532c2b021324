"""Diagnostics of a process: levels part by part, and lines of JSON."""

import io
import json
import logging
import sys
import warnings

import pytest

from mcp_stack_proxy.config import ConfigError, Log
from mcp_stack_proxy.observe.logs import begin, over
from mcp_stack_proxy.observe.trace_log import TRACE


@pytest.fixture
def said(monkeypatch):
    """Begins to log, and what was written since. Everything is as it was afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    before, level, hook = list(root.handlers), root.level, sys.excepthook
    touched = [logging.getLogger(f"mcp_stack_proxy{part}") for part in ("", ".upstream", ".serve")] + [logging.getLogger("asyncio")]
    levels = [one.level for one in touched]

    def start(**keys):
        begin(Log(**keys), stream)
        return stream

    yield start
    logging.captureWarnings(False)
    root.handlers[:], sys.excepthook = before, hook
    root.setLevel(level)
    for one, was in zip(touched, levels, strict=True):
        one.setLevel(was)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parity("aggregate.log-level")
def test_each_part_logs_at_its_own_level(said):
    stream = said(level="warn,upstream=debug,asyncio=error")
    logging.getLogger("mcp_stack_proxy.upstream.stdio_peer").debug("heard")
    logging.getLogger("mcp_stack_proxy.serve.endpoint").info("not heard")
    logging.getLogger("mcp_stack_proxy.serve.endpoint").warning("warned")
    logging.getLogger("asyncio").warning("not heard either")
    assert stream.getvalue() == (
        "DEBUG mcp_stack_proxy.upstream.stdio_peer: heard\nWARNING mcp_stack_proxy.serve.endpoint: warned\n"
    )


@pytest.mark.parity("aggregate.log-format")
def test_a_line_of_json_is_one_object_whatever_it_tells(said):
    stream = said(format="json")
    token = TRACE.set("0af7651916cd43dd8448eb211c80319c")
    try:
        logging.getLogger("mcp_stack_proxy.serve").info("two\nlines of %s", "text", extra={"server": "clock"})
    finally:
        TRACE.reset(token)
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "target": "mcp_stack_proxy.serve",
        "message": "two\nlines of text",
        "fields": {"server": "clock", "trace": "0af7651916cd43dd8448eb211c80319c"},
    }


@pytest.mark.parity("aggregate.log-format")
def test_tracebacks_warnings_and_uncaught_errors_are_lines_like_any_other(said):
    stream = said(format="json")
    try:
        {}["lost"]
    except KeyError as error:
        logging.getLogger("mcp_stack_proxy").exception("it failed")
        sys.excepthook(KeyError, error, error.__traceback__)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("beware", stacklevel=1)
    found = lines(stream)
    assert [one["level"] for one in found] == ["error", "error", "warn"]
    assert "KeyError: 'lost'" in found[0]["fields"]["traceback"]
    assert found[1]["message"] == "ended by an error that nobody caught"
    assert "beware" in found[2]["message"]


def test_unknown_levels_keep_their_own_names(said):
    stream = said(format="json")
    logging.getLogger("mcp_stack_proxy").log(25, "between")
    logging.getLogger("mcp_stack_proxy").critical("the end")
    assert [one["level"] for one in lines(stream)] == ["level 25", "error"]


def test_the_command_line_stands_over_variables_and_those_over_the_file():
    environment = {"MCP_LOG_LEVEL": "debug", "MCP_LOG_FORMAT": "json"}
    assert over(Log(level="warn"), {}, None) == Log(level="warn")
    assert over(Log(level="warn"), environment, None) == Log(level="debug", format="json")
    assert over(Log(), environment, "error") == Log(level="error", format="json")


@pytest.mark.parity("aggregate.log-level")
def test_a_variable_that_means_nothing_is_refused_by_its_name():
    with pytest.raises(ConfigError, match=r"(?s)\$MCP_LOG_LEVEL, \$MCP_LOG_FORMAT.*level: .*'loud'.*format: "):
        over(Log(), {"MCP_LOG_LEVEL": "loud", "MCP_LOG_FORMAT": "xml"}, None)
