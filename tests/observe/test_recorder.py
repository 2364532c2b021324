"""One call, one count, one record: what is in it, and what must not be."""

import hashlib
import json
import logging
import re

import pytest

from mcp_stack_proxy.identity import Principal
from mcp_stack_proxy.observe.audit_record import MAX_CLIENT, MAX_NAME, Stamps, record_id
from mcp_stack_proxy.observe.counts import ServerCounts
from mcp_stack_proxy.observe.observation import by_name
from mcp_stack_proxy.observe.recorder import Audit, Recorder, Refusals
from mcp_stack_proxy.observe.trace_log import TRACE, TraceFilter
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.errors import RpcError, UnknownTool

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"


class Lines:
    """In place of the log."""

    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)

    def only(self):
        (line,) = self.lines
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        return json.loads(line)


def recorder(arguments="none", *, counts=True, audit=True):
    lines = Lines()
    counted = {"s": ServerCounts("s", 5, lambda: ("t",), lambda: None), "": ServerCounts("", 1, lambda: (), lambda: None)}
    made = Recorder(counted if counts else {}, Audit(lines, arguments) if audit else None, server="s")
    return made, counted["s"], lines


def params(**more):
    return {"name": raw("t"), "arguments": raw({"secret": "hunter2"}), **more}


def test_a_record_says_who_called_what_and_how_it_ended():
    made, _, lines = recorder()
    headers = {b"mcp-session-id": b"the session", b"traceparent": PARENT.encode()}
    caller = Principal("ci", frozenset({"reader"}), "0123456789ab")
    seen = made.begin("tools/call", params(), headers, 120, caller, raw({"name": "ide", "version": "1"}))
    seen.answered(raw({"content": [], "isError": True}), is_error=False)
    record = lines.only()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record.pop("timestamp"))
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]+", record.pop("id"))
    assert 0 <= record.pop("duration_ms") < 10_000
    assert record == {
        "source": "serve:http",
        "method": "tools/call",
        "outcome": "tool-error",
        "success": False,
        "server_name": "s",
        "tool_name": "t",
        "identity": "ci",
        "key_id": "0123456789ab",
        "session": hashlib.sha256(b"the session").hexdigest()[:16],
        "client": {"name": "ide", "version": "1"},
        "request_bytes": 120,
        "response_bytes": 29,
        "trace_id": TRACE_ID,
    }


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ("none", {}),
        ("digest", {"arguments_sha256": hashlib.sha256(b'{"secret":"hunter2"}').hexdigest()}),
        ("full", {"arguments": {"secret": "hunter2"}}),
    ],
)
def test_arguments_are_recorded_as_far_as_asked_for(arguments, kept):
    made, _, lines = recorder(arguments)
    made.begin("tools/call", params(), {}, 1).end("ok")
    record = lines.only()
    found = {key: value for key, value in record.items() if key.startswith("arguments")}
    assert found == kept
    assert ("hunter2" in lines.lines[0].decode()) is (arguments == "full")


def test_a_call_without_arguments_has_none():
    made, _, lines = recorder("full")
    made.begin("prompts/get", {"name": raw("greet")}, {}, 1).end("ok")
    assert lines.only()["prompt_name"] == "greet"
    assert "arguments" not in lines.only()


def test_what_the_client_chooses_is_bounded():
    made, _, lines = recorder()
    long = "ä" * 5000
    made.begin("tools/call", {"name": raw(long)}, {}, 1, None, raw("x" * MAX_CLIENT)).refused(UnknownTool(long))
    record = lines.only()
    assert record["tool_name"] == "ä" * MAX_NAME
    assert len(record["error_message"]) == 300
    assert (record["outcome"], record["error_code"]) == ("unknown-name", -32602)
    assert "client" not in record


@pytest.mark.parametrize(
    ("method", "given", "member"),
    [
        ("resources/read", {"uri": raw("a://b")}, "resource_uri"),
        ("tools/list", {}, None),
        ("tools/call", {"name": raw(5)}, "tool_name"),
    ],
)
def test_each_kind_of_name_has_its_member(method, given, member):
    made, _, lines = recorder()
    made.begin(method, given, {}, 1).end("ok")
    found = {key for key in lines.only() if key in ("tool_name", "prompt_name", "resource_uri")}
    assert found == ({member} if member else set())


def test_a_call_is_counted_while_it_runs_and_once_when_it_ends():
    made, counts, lines = recorder()
    seen = made.begin("tools/call", params(), {}, 10)
    assert counts.in_flight == 1
    seen.answered(raw({"code": -32601, "message": "no"}), is_error=True)
    seen.end("cancelled")
    assert (counts.in_flight, counts.received, counts.sent) == (0, 10, 30)
    (calls,) = counts.each()
    assert calls._outcomes == {"method-not-found": 1}
    assert lines.only()["error_code"] == -32601


@pytest.mark.parametrize(("counts", "audit"), [(True, False), (False, True)])
def test_either_works_without_the_other(counts, audit):
    made, counted, lines = recorder(counts=counts, audit=audit)
    made.begin("tools/call", params(), {}, 10).refused(RpcError(-32603, "internal error"))
    assert bool(counted.each()) is counts
    assert bool(lines.lines) is audit


def test_what_concerns_no_single_server_is_counted_apart():
    lines = Lines()
    counted = {name: ServerCounts(name, 1, lambda: (), lambda: None) for name in ("s", "")}
    route = by_name(
        lambda name: ("s", name.removeprefix("s__")) if name.startswith("s__") else None,
        lambda _uri: None,
        lambda task, subject: "s" if (task, subject) == ("s+1", None) else None,
    )
    made = Recorder(counted, Audit(lines, "none"), route=route)
    made.begin("tools/call", {"name": raw("s__t")}, {}, 1).end("ok")
    made.begin("tools/call", {"name": raw("zzz")}, {}, 1).end("unknown-name")
    made.begin("resources/read", {"uri": raw("s__t")}, {}, 1).end("ok")
    made.begin("tools/list", {}, {}, 1).end("ok")
    for task in ("s+1", "s+2"):
        made.begin("tasks/get", {"taskId": raw(task)}, {}, 1).end("ok")
    made.begin("tasks/result", {"taskId": raw("s+1")}, {}, 1, Principal("ann", frozenset(), "")).end("ok")
    records = [json.loads(line) for line in lines.lines]
    assert [(one.get("server_name"), one.get("tool_name")) for one in records[:2]] == [("s", "t"), (None, "zzz")]
    assert [one.get("server_name") for one in records[4:]] == ["s", None, None]
    assert (len(counted["s"].each()), len(counted[""].each())) == (2, 5)


def test_tasks_of_one_server_have_one_label_for_all():
    made, counts, _ = recorder()
    for task in ("1", "2"):
        made.begin("tasks/get", {"taskId": raw(task)}, {}, 1).end("ok")
    assert len(counts.each()) == 1
    assert set(counts.calls) == {("tasks/get", "")}


def test_lines_of_log_name_the_trace_of_their_call():
    record = logging.LogRecord("x", logging.INFO, "f", 1, "m", (), None)
    made, _, _ = recorder(audit=False)
    seen = made.begin("tools/call", params(_meta=raw({"traceparent": PARENT})), {}, 1)
    assert TraceFilter().filter(record)
    assert record.trace == f" trace={TRACE_ID}"
    seen.end("ok")
    TraceFilter().filter(record)
    assert (record.trace, TRACE.get()) == ("", None)


def test_refusals_are_counted_by_status_and_recorded_where_somebody_was_refused():
    lines = Lines()
    refusals = Refusals(Audit(lines, "none"))
    for status in (401, 401, 413, 599, 598):
        refusals.refused(status, "no")
    Refusals(None).refused(401, "no")
    assert refusals.counts == {"401": 2, "413": 1, "other": 2}
    records = [json.loads(line) for line in lines.lines]
    assert [(one["method"], one["status"], one["outcome"]) for one in records] == [("auth/failure", 401, "refused")] * 2


def test_times_are_rfc_3339_and_ids_differ():
    stamps = Stamps()
    assert stamps.at(0.0) == "1970-01-01T00:00:00.000Z"
    assert stamps.at(0.9996) == "1970-01-01T00:00:00.999Z"
    assert stamps.at(1_795_271_230.5) == "2026-11-21T14:27:10.500Z"
    assert record_id() != record_id()


def test_a_call_that_is_served_in_another_way_is_forgotten():
    made, counts, lines = recorder()
    seen = made.begin("tools/call", params(), {b"traceparent": PARENT.encode()}, 10)
    assert TRACE.get() == TRACE_ID
    seen.drop()
    seen.drop()
    seen.end("cancelled")
    assert (counts.in_flight, counts.each(), lines.lines, TRACE.get()) == (0, [], [], None)
    plain, _, _ = recorder(counts=False)
    plain.begin("tools/call", params(), {}, 10).drop()
