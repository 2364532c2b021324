"""Sets of ports, exactly: every port of every protocol counts, and none is tried out."""

from collections.abc import Iterable
from typing import NamedTuple

PROTOCOLS = ("TCP", "UDP", "SCTP")

LAST_PORT = 65535


class Span(NamedTuple):
    """Ports `first` to `last` of one protocol, both included."""

    protocol: str
    first: int
    last: int

    def __str__(self) -> str:
        if (self.first, self.last) == (1, LAST_PORT):
            return f"every {self.protocol} port"
        return f"{self.protocol} {self.first}" if self.first == self.last else f"{self.protocol} {self.first}-{self.last}"


Spans = tuple[Span, ...]
"""In order, without overlaps or neighbours: equal sets are equal tuples."""

ALL: Spans = tuple(Span(protocol, 1, LAST_PORT) for protocol in sorted(PROTOCOLS))


def united(*sets: Iterable[Span]) -> Spans:
    """Ports that are in any of `sets`."""
    found: list[Span] = []
    for span in sorted(span for one in sets for span in one):
        if found and found[-1].protocol == span.protocol and span.first <= found[-1].last + 1:
            found[-1] = Span(span.protocol, found[-1].first, max(found[-1].last, span.last))
        else:
            found.append(span)
    return tuple(found)


def common(one: Spans, other: Spans) -> Spans:
    """Ports that are in both."""
    if one == ALL or other == ALL:
        return other if one == ALL else one
    return united(
        Span(left.protocol, max(left.first, right.first), min(left.last, right.last))
        for left in one
        for right in other
        if left.protocol == right.protocol and max(left.first, right.first) <= min(left.last, right.last)
    )


def without(one: Spans, other: Spans) -> Spans:
    """Ports that are in `one` alone."""
    left = list(one)
    for taken in other:
        rest: list[Span] = []
        for span in left:
            if span.protocol != taken.protocol or span.last < taken.first or taken.last < span.first:
                rest.append(span)
                continue
            if span.first < taken.first:
                rest.append(Span(span.protocol, span.first, taken.first - 1))
            if taken.last < span.last:
                rest.append(Span(span.protocol, taken.last + 1, span.last))
        left = rest
    return united(left)


def shown(spans: Spans) -> str:
    """`TCP 8000, UDP 53`, for messages."""
    if spans == ALL:
        return "every port"
    return ", ".join(map(str, spans))
