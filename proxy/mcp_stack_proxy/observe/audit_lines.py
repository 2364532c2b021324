"""Lines of the audit for calls that ended as nearly all do: what is the same for many of them is encoded once.

Such a line differs from the one before it in its time, id, numbers and client. The rest of it comes from the encoder, as a form for
those, kept by what the call was: so a line of here is, byte for byte, the line that AuditRecord has for the same call.
"""

from typing import TypeAlias

from msgspec import Raw

from .audit_record import NUMBERS, AuditRecord, Caller, Stamps, describe, run
from .outcomes import OK

Kind: TypeAlias = tuple[str, str, str | None, str, str | None, str | None]
"""Method, outcome, server, name, and the caller's subject and key."""

MOST = 1024
"""Forms that are kept; names are the client's to choose."""
LONGEST = 256
"""Characters of method and name up to which a form is kept."""

_FRACTIONS = tuple(b"." + ((b"%03d" % number).rstrip(b"0") or b"0") for number in range(1000))

_BLANKS = (
    (b'"timestamp":""', b'"timestamp":"%b"'),
    (b'"duration_ms":0.0', b'"duration_ms":%d%b'),
    (b'"client":null', b'"client":%b'),
    (b'"request_bytes":1', b'"request_bytes":%d'),
    (b'"response_bytes":1', b'"response_bytes":%d'),
)
"""What stands for a value in the line of an empty record, and in the form. Within a string its quotes would be escaped."""


class Forms:
    """Lines of one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._stamps = Stamps()
        self._forms: dict[Kind, bytes] = {}

    def __len__(self) -> int:
        return len(self._forms)

    def line(
        self,
        now: float,
        kind: Kind,
        caller: Caller | None,
        client: Raw,
        microseconds: int,
        received: int,
        sent: int,
    ) -> bytes:
        """The line of a call of `kind` that came at `now`, and took so long. `received` and `sent` are more than nothing."""
        form = self._forms.get(kind) or self._form(kind, caller)
        whole, part = divmod(microseconds, 1000)
        return form % (self._stamps.ascii(now), next(NUMBERS), whole, _FRACTIONS[part], client, received, sent)

    def _form(self, kind: Kind, caller: Caller | None) -> bytes:
        method, outcome, server, name, _, _ = kind
        record = AuditRecord("", "", self._source, method, outcome, outcome == OK, 0.0, server, request_bytes=1, response_bytes=1)
        describe(record, {}, name, {}, caller, Raw(b"null"), "none")
        form = record.line().replace(b"%", b"%%")
        form = form.replace(b'"id":""', b'"id":"' + run().encode() + b'%x"')
        for empty, blank in _BLANKS:
            form = form.replace(empty, blank)
        if len(method) + len(name) <= LONGEST:
            if len(self._forms) >= MOST:
                self._forms.clear()
            self._forms[kind] = form
        return form
