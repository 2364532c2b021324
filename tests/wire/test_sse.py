"""Event streams: whatever is sent, however it is cut, the standard says what it means."""

import tracemalloc
from contextlib import contextmanager
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcp_stack_proxy.errors import Reason
from mcp_stack_proxy.wire.sse import KEEP_ALIVE, Event, EventParser, frame, priming
from tests.wire.sse_reference import parsed, reference


def cut(stream, places):
    places = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[a:b] for a, b in pairwise(places)]


@pytest.mark.requirement("sse:framing")
@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: a\n\n", [Event(b"a")]),
        (b"data:a\r\rdata:b\r\n\r\n", [Event(b"a"), Event(b"b")]),
        (b"data:  a\n\n", [Event(b" a")]),
        (b"data: a\ndata: b\ndata\n\n", [Event(b"a\nb\n")]),
        (b"data\n\n", [Event(b"")]),
        (b"event: endpoint\ndata: /x\n\ndata: y\n\n", [Event(b"/x", "endpoint"), Event(b"y")]),
        (b"event: lost\n\ndata: y\n\n", [Event(b"y")]),
        (b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", [Event(b"a", id="1"), Event(b"b", id="1"), Event(b"c", id="")]),
        (b"id: 1\n\nretry: 5\n\ndata: a\n\n", [Event(b"a", id="1", retry=5)]),
        (b"id: x\0y\nretry: 1s\nretry: \nretry: -1\ndata: a\n\n", [Event(b"a")]),
        (b"retry: " + b"9" * 5000 + b"\ndata: a\n\n", [Event(b"a")]),
        (b": comment\n:\n\ndata: a\n: more\n\n", [Event(b"a")]),
        (b"DATA: a\n data: b\ndata : c\nother: d\n\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", [Event(b"a")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [Event(b"a")]),
        (b"event: \xff\nid: \xff\ndata: \xff\n\n", [Event(b"\xff", "\ufffd", "\ufffd")]),
        (b"data: unfinished\n", []),
        (b"data: unfinished", []),
        (b"", []),
    ],
)
def test_a_stream_means_what_the_standard_says(stream, events):
    assert parsed([stream]) == (events, None)
    assert parsed([stream[i : i + 1] for i in range(len(stream))]) == (events, None)


TEXT = st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), max_size=8).map(str.encode)
LINE = st.one_of(
    st.builds(b"data:%b".__mod__, TEXT),
    st.builds(b"data: %b".__mod__, TEXT),
    st.just(b"data"),
    st.builds(b"event: %b".__mod__, TEXT),
    st.builds(b"id: %b".__mod__, TEXT),
    st.builds(b"retry: %d".__mod__, st.integers(0, 10**9)),
    st.builds(b":%b".__mod__, TEXT),
    st.just(b""),
    TEXT,
)
STREAM = st.tuples(
    st.sampled_from([b"", b"\xef\xbb\xbf"]), st.lists(st.tuples(LINE, st.sampled_from([b"\n", b"\r", b"\r\n"]))), TEXT
).map(lambda parts: parts[0] + b"".join(line + end for line, end in parts[1]) + parts[2])
CUTS = st.lists(st.integers(0, 10_000), max_size=12)


@pytest.mark.requirement("sse:framing")
@given(STREAM, CUTS)
@example(b"data: a\r\n\r\n", [8, 9])
def test_it_makes_no_difference_where_a_stream_is_cut(stream, places):
    assert parsed(cut(stream, places)) == (reference(stream), None)


@given(STREAM, CUTS, st.integers(1, 40))
def test_it_makes_no_difference_to_the_limit_where_a_stream_is_cut(stream, places, limit):
    assert parsed(cut(stream, places), limit) == parsed([stream], limit)


@given(st.lists(st.binary()), st.integers(1, 64))
def test_any_bytes_are_events_or_the_servers_fault(pieces, limit):
    events, broken = parsed(pieces, limit)
    whole = reference(b"".join(pieces))
    assert events == whole[: len(events)]
    assert broken is Reason.INVALID or len(events) == len(whole)
    assert all(len(event.data) <= limit for event in events)


@contextmanager
def costing_at_most(size):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()


@pytest.mark.requirement("sse:bounded")
@pytest.mark.parametrize(
    "piece",
    [b"x", b"data: " + b"x" * 100, b"data: " + b"x" * 100 + b"\n", b"data\n", b"data:x\n", b"id: 1\ndata: 1234567\n: c\n"],
    ids=lambda piece: piece[:8].decode(),
)
def test_an_event_that_never_ends_is_given_up_before_it_costs_memory(piece):
    limit = 20_000
    with costing_at_most(12 * limit):
        assert parsed((piece for _ in range(limit + 1)), limit) == ([], Reason.INVALID)


@pytest.mark.requirement("sse:bounded")
def test_an_event_over_the_limit_is_refused_even_if_it_comes_in_one_piece():
    assert parsed([b"data: 123\n\ndata: 12345\n\ndata: 1\n\n"], limit=10) == ([Event(b"123")], Reason.INVALID)


@pytest.mark.parametrize("piece", [b"data: 1234\n\n", b": keep-alive\n", b"event: message\n\n", b"id: 1\n", b"\n", b""])
def test_a_stream_of_small_things_may_last_for_ever(piece):
    parser = EventParser(20)
    with costing_at_most(10_000):
        for _ in range(5_000):
            list(parser.feed(piece))


@pytest.mark.requirement("sse:framing")
@given(st.lists(st.text(alphabet=st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"])).map(str.encode)), CUTS)
def test_what_we_frame_is_what_a_client_reads(messages, places):
    stream = b"".join(frame(message) + KEEP_ALIVE for message in messages)
    assert parsed(cut(stream, places)) == ([Event(message) for message in messages], None)


def test_the_end_of_a_stream_drops_what_is_unfinished():
    parser = EventParser(100)
    assert list(parser.feed(b"data: a\ndata: b")) == []
    parser.close()
    assert list(parser.feed(b"\n\n")) == []


def test_an_event_can_carry_what_it_is_asked_for_again_by():
    parser = EventParser(1000)
    assert list(parser.feed(priming("t.0", 1000))) == [Event(b"", id="t.0", retry=1000)]
    assert list(parser.feed(frame(b"{}", "t.1"))) == [Event(b"{}", id="t.1", retry=1000)]
    assert (parser.last_id, parser.retry) == ("t.1", 1000)


@pytest.mark.parametrize(
    ("stream", "last"),
    [
        (b"", ""),
        (b"data: a\n\n", ""),
        (b"id: 1\ndata: a\n\n", "1"),
        (b"id: 1\n\n", "1"),
        (b"id: 1\ndata: a\n\ndata: b\n\n", "1"),
        (b"id: 1\ndata: a\n\nid: 2\ndata: b\n", "1"),
        (b"id: 1\ndata: a\n\nid\ndata: b\n\n", ""),
    ],
)
def test_a_stream_is_taken_up_after_its_last_whole_event(stream, last):
    parser = EventParser(1000)
    list(parser.feed(stream))
    assert parser.last_id == last
