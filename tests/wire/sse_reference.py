"""What an event stream means, by the standard's own algorithm over the whole of it at once."""

from mcp_stack_proxy.errors import UpstreamError
from mcp_stack_proxy.wire.sse import Event, EventParser

PLENTY = 1 << 20


def reference(stream):
    """The standard's algorithm (HTML, 9.2.6), word for word, over the whole stream at once."""
    text = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    events, data, kind, id_, retry = [], b"", "", None, None
    for line in text.split(b"\n")[:-1]:
        if line == b"":
            if data:
                events.append(Event(data[:-1], kind or "message", id_, retry))
            data, kind = b"", ""
            continue
        if line.startswith(b":"):
            continue
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if field == b"event":
            kind = value.decode(errors="replace")
        elif field == b"data":
            data += value + b"\n"
        elif field == b"id" and b"\0" not in value:
            id_ = value.decode(errors="replace")
        elif field == b"retry" and value.isdigit() and len(value) < 16:  # more is no time that anyone would wait
            retry = int(value)
    return events


def parsed(pieces, limit=PLENTY):
    """Events of `pieces`, and the reason for which the parser gave up, None where it did not."""
    parser, events = EventParser(limit), []
    try:
        for piece in pieces:
            for event in parser.feed(piece):
                events.append(event)  # noqa: PERF402 - those before an error count
    except UpstreamError as error:
        return events, error.reason
    parser.close()
    return events, None
