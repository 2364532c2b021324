"""What the request path calls: once when a call begins, once when it has ended. Compiled with the gateway; absent where off."""

import time
from collections.abc import Callable, Mapping

from msgspec import Raw, Struct

from ..errors import ProxyError
from ..wire.envelope import Members, string_of
from ..wire.errors import INVALID_PARAMS, PROXY_ERROR, RpcError
from ..wire.headers import NAMED, SESSION
from ..wire.task_ids import METHODS
from ..wire.trace import TRACEPARENT, trace_of
from .audit_lines import Forms
from .audit_log import Lines
from .audit_record import MAX_CLIENT, Arguments, AuditRecord, Caller, Stamps, describe, record_id
from .counts import OTHER, ServerCounts
from .outcomes import OK, of_body, of_error, of_events, of_refusal, of_result
from .trace_log import TRACE

Route = Callable[[str, str, str | None], tuple[str, str] | None]
"""Method, public name and caller's subject -> server and its own name; None for what no single server answers. What names a task
has no other name: a task's would be a label for each."""

_NAMES = {**NAMED, **dict.fromkeys(METHODS, "taskId")}
"""Method -> the parameter that says whose call it is."""

MAX_MESSAGE = 300
"""Characters of an error message; it may repeat what a client sent."""

_clock = time.perf_counter


Came = tuple[float, str | None, Members, Mapping[bytes, bytes], Caller | None, Raw | None]
"""When a request came, in seconds since the epoch, for which server, with which params and headers, whose, by which client."""


class Audit:
    """Where records go, and how much of a call is in them."""

    def __init__(self, log: Lines, arguments: Arguments, source: str = "serve:http") -> None:
        self.log = log
        self.arguments: Arguments = arguments
        self.source = source
        self.stamps = Stamps()
        self.forms = Forms(source)


class Observed(Struct, eq=False):
    """One call. `end` is called once, whatever happens; later calls do nothing."""

    _counts: ServerCounts | None
    _method: str
    _name: str
    _received: int
    _since: float | None
    _audit: Audit | None
    _came: Came
    """Who calls, and what, kept for the audit: its record is made when the call has ended, in one go."""
    _trace: str | None = None

    def trace(self, params: Members, headers: Mapping[bytes, bytes]) -> None:
        """Note which trace it is part of, if any."""
        self._trace = trace = trace_of(params, headers)
        if trace is not None:
            TRACE.set(trace)

    def end(self, outcome: str, sent: int = 0, code: int | None = None, message: str | None = None) -> None:
        """The call ended as `outcome` (see `outcomes`), with `sent` bytes for the client. `code` and `message` are of an error."""
        since, self._since = self._since, None
        if since is None:
            return
        seconds = _clock() - since
        if (counts := self._counts) is not None:
            counts.in_flight -= 1
            counts.received += self._received
            counts.sent += sent
            (counts.calls.get((self._method, self._name)) or counts.of(self._method, self._name)).add(outcome, seconds)
        if (audit := self._audit) is not None:
            usual = code is None and self._trace is None and sent and audit.arguments == "none"
            line = self._usual(audit, outcome, sent, seconds) if usual else None
            audit.log.write(line or self._line(audit, outcome, sent, seconds, code, message))
        if self._trace is not None:
            TRACE.set(None)

    def _usual(self, audit: Audit, outcome: str, sent: int, seconds: float) -> bytes | None:
        """The line of a call that ended well, of a client that says what it is and has no session; None for any other."""
        now, server, _, headers, caller, client = self._came
        received = self._received
        if client is None or SESSION in headers or not received or memoryview(client).nbytes > MAX_CLIENT:
            return None
        if caller is None:
            kind = (self._method, outcome, server, self._name, None, None)
        else:
            kind = (self._method, outcome, server, self._name, caller.subject, caller.key_id)
        return audit.forms.line(now, kind, caller, client, int(seconds * 1_000_000), received, sent)

    def _line(self, audit: Audit, outcome: str, sent: int, seconds: float, code: int | None, message: str | None) -> bytes:
        """The line of any call."""
        now, server, params, headers, caller, client = self._came
        record = AuditRecord(
            audit.stamps.at(now),
            record_id(),
            audit.source,
            self._method,
            outcome,
            outcome == OK,
            int(seconds * 1_000_000) / 1000,
            server,
            error_code=code,
            error_message=message,
            request_bytes=self._received,
            response_bytes=sent,
            trace_id=self._trace,
        )
        describe(record, params, self._name, headers, caller, client, audit.arguments)
        return record.line()

    def answered(self, value: Raw, *, is_error: bool) -> None:
        """The call ended with the server's answer: the value of `result`, or of `error`."""
        data = bytes(value)
        if is_error:
            outcome, code = of_error(value)
            self.end(outcome, len(data), code)
        else:
            self.end(of_result(data, self._method), len(data))

    def relayed(self, body: bytes, status: int) -> None:
        """The call ended with `body` as it came from the server, with HTTP `status`."""
        outcome, code = of_body(body, self._method, status)
        self.end(outcome, len(body), code)

    def streamed(self, tail: bytes, sent: int, status: int) -> None:
        """The call ended with a stream of `sent` bytes as it came from the server, of which `tail` is the end."""
        outcome, code = of_events(tail, status)
        self.end(outcome, sent, code)

    def failed(self, fault: ProxyError) -> None:
        """The call ended with `fault`."""
        self.end(str(fault.reason), 0, PROXY_ERROR.get(fault.reason, INVALID_PARAMS), fault.message[:MAX_MESSAGE])

    def drop(self) -> None:
        """It is served in another way, and begun anew there."""
        if self._since is not None and self._counts is not None:
            self._counts.in_flight -= 1
        self._since = None
        if self._trace is not None:
            TRACE.set(None)

    def refused(self, error: RpcError) -> None:
        """The call ended with an error of the proxy's own."""
        self.end(of_refusal(error), 0, error.code, error.message[:MAX_MESSAGE])


class Recorder:
    """Begins the record of each call that comes to one endpoint."""

    def __init__(
        self,
        counts: Mapping[str, ServerCounts],
        audit: Audit | None,
        *,
        server: str | None = None,
        route: Route | None = None,
    ) -> None:
        """`server`: the only one behind the endpoint; else `route` finds it. `counts` by server, empty without metrics; that of
        the empty name takes what concerns no single server, such as a list of all."""
        self._server = server
        self._route = route
        self._counts = counts
        self._common = counts.get(server or "")
        self._audit = audit

    def begin(
        self,
        method: str,
        params: Members,
        headers: Mapping[bytes, bytes],
        received: int,
        caller: Caller | None = None,
        client: Raw | None = None,
        *,
        bare: bool = False,
    ) -> Observed:
        """A call has come: `params` as decoded as they are, `headers` of its HTTP request, `received` bytes of it.

        `bare`: see Call.
        """
        key = _NAMES.get(method)
        name = (string_of(params.get(key)) or "") if key is not None else ""
        server, native, counts = self._server, name if key != "taskId" else "", self._common
        if self._route is not None:
            routed = self._route(method, name, None if caller is None else caller.subject)
            if routed is not None:
                server, native = routed
                counts = self._counts.get(server)
        audit = self._audit
        came = (0.0 if audit is None else time.time(), server, params, headers, caller, client)
        if counts is not None:
            counts.in_flight += 1
        seen = Observed(counts, method, native, received, _clock(), audit, came)
        if (not bare and "_meta" in params) or TRACEPARENT in headers:
            seen.trace(params, headers)
        return seen


class Refusals:
    """Requests that ended before anything of them was a call: by HTTP status."""

    STATUSES = frozenset({400, 401, 403, 404, 405, 406, 413, 415, 421, 429, 431, 503})

    def __init__(self, audit: Audit | None) -> None:
        self._audit = audit
        self.counts: dict[str, int] = {}

    def refused(self, status: int, text: str) -> None:
        """Count one. Who was refused for what it showed is in the audit, too."""
        label = str(status) if status in self.STATUSES else OTHER
        self.counts[label] = self.counts.get(label, 0) + 1
        if self._audit is not None and status in (401, 403):
            method = "auth/failure"
            now = self._audit.stamps.at(time.time())
            record = AuditRecord(
                now, record_id(), self._audit.source, method, "refused", False, 0.0, status=status, error_message=text
            )
            self._audit.log.write(record.line())
