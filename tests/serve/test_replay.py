"""What is kept for clients that have lost a stream: nothing is lost, nothing comes twice, the order stays, and the bounds hold."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.serve.replay import OVERHEAD, Shelf, Track
from mcp_stack_proxy.wire.sse import EventParser


def told(frames):
    """Messages and numbers of events."""
    return [(event.data, int(event.id.rpartition(".")[2])) for event in EventParser(10**6).feed(b"".join(frames))]


class Told:
    """A reader that counts how often it is told."""

    times = 0

    def tell(self):
        self.times += 1


def put(shelf, key="1", session="s"):
    track = Track(session, f"{session}-{key}")
    shelf.put(key, track)
    return track


SIZE = len(Track("s", "s-1").add(b"m"))


@pytest.mark.parametrize(
    ("after", "expected"),
    [(0, [b"a", b"b", b"c"]), (1, [b"b", b"c"]), (2, [b"c"]), (3, []), (9, [])],
)
def test_what_follows_an_event_comes_in_order(after, expected):
    track = Track("s", "t")
    for message in (b"a", b"b", b"c"):
        track.add(message)
    assert [message for message, _ in told(track.after(after))] == expected
    assert (track.last, track.id(3)) == (3, "t.3")


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=9).map(bytes.hex).map(str.encode), st.none()), max_size=60))
def test_a_client_that_leaves_and_comes_back_misses_nothing_and_hears_nothing_twice(story):
    """None: the connection breaks; whatever has not been read by then is asked for anew."""
    shelf = Shelf()
    track, said, heard, last, connected = put(shelf), [], [], 0, True
    for step in story:
        if step is None:
            connected = not connected
            if connected:
                heard += told(track.after(last))
        else:
            said.append(step)
            event = shelf.add("1", track, step)
            if connected:
                heard += told([event])
        last = heard[-1][1] if heard else 0
    heard += told(track.after(last))
    assert heard == [(message, number) for number, message in enumerate(said, 1)]


STEP = st.one_of(
    st.tuples(st.just("put"), st.sampled_from("ab")),
    st.tuples(st.just("add"), st.integers(0, 9), st.integers(1, 400)),
    st.tuples(st.just("end"), st.integers(0, 9)),
    st.tuples(st.just("expire"), st.integers(0, 9)),
    st.tuples(st.just("forget"), st.sampled_from("ab")),
)


@given(st.lists(STEP, max_size=80))
def test_bounds_hold_and_the_books_are_right_whatever_happens(story):
    shelf, tracks, now = Shelf(3 * OVERHEAD, 5 * OVERHEAD, 10.0), [], 0.0
    for step, *given_ in story:
        match step, given_:
            case "put", [session]:
                tracks.append((str(len(tracks)), put(shelf, str(len(tracks)), session)))
            case "add", [index, size] if tracks:
                key, track = tracks[index % len(tracks)]
                shelf.add(key, track, b"m" * size)
            case "end", [index] if tracks:
                key, track = tracks[index % len(tracks)]
                if not track.over:
                    shelf.end(key, track, now)
            case "expire", [seconds]:
                now += seconds
                shelf.expire(now)
            case "forget", [session]:
                shelf.forget(session)
            case _:
                pass
        kept = [(key, track) for key, track in tracks if shelf.get(track.session, key) is track]
        assert shelf.size == sum(track.size for _, track in kept) <= 5 * OVERHEAD
        assert len(shelf) == len(kept)
        assert all(track.dropped is ((key, track) not in kept) for key, track in tracks)
        sizes = Counter()
        for _, track in kept:
            sizes[track.session] += track.size
            numbers = [number for _, number in told(track.after(0))]
            assert numbers == list(range(track.last - len(track) + 1, track.last + 1))
            assert track.size == OVERHEAD + sum(map(len, track.after(0)))


def test_over_the_bound_of_a_session_the_oldest_goes_and_the_newest_of_each_call_stays():
    shelf = Shelf(session_bytes=2 * OVERHEAD + 3 * SIZE)
    over, open_ = put(shelf, "1"), put(shelf, "2")
    shelf.add("1", over, b"m")
    shelf.end("1", over, 0.0)
    for _ in range(2):
        shelf.add("2", open_, b"m")
    assert (len(over), len(open_)) == (1, 2)
    shelf.add("2", open_, b"m")
    assert over.dropped, "a call that is over goes before one that is not"
    shelf.add("2", open_, b"x" * 3 * OVERHEAD)
    assert told(open_.after(0)) == [(b"x" * 3 * OVERHEAD, 4)]


def test_over_the_bound_of_all_calls_that_are_over_go_first_whosever_they_are():
    shelf = Shelf(all_bytes=3 * OVERHEAD)
    over, open_ = put(shelf, "1", "a"), put(shelf, "2", "b")
    shelf.end("1", over, 0.0)
    shelf.add("2", open_, b"x" * OVERHEAD)
    assert over.dropped
    assert shelf.get("a", "1") is None
    shelf.add("2", open_, b"x" * 2 * OVERHEAD)
    assert (len(open_), open_.last, open_.dropped) == (0, 2, False)
    put(shelf, "3", "b")
    fourth, fifth = put(shelf, "4", "c"), put(shelf, "5", "c")
    assert (fourth.dropped, fifth.dropped) == (False, True), "no room for even one more that is not over"


def test_what_is_over_is_kept_for_its_time():
    shelf = Shelf(seconds=10)
    assert shelf.expire(0.0) is None
    for key, now in (("1", 0.0), ("2", 3.0)):
        shelf.end(key, put(shelf, key), now)
    put(shelf, "3")
    assert [shelf.expire(now) for now in (9.9, 10.0, 13.0)] == [10.0, 13.0, None]
    assert [shelf.get("s", key) is not None for key in "123"] == [False, False, True]


def test_a_session_that_is_over_keeps_nothing_and_its_calls_may_still_end():
    shelf = Shelf()
    track, other = put(shelf), put(shelf, "2", "another")
    shelf.add("1", track, b"a")
    shelf.forget("s")
    shelf.forget("nobody")
    assert told([shelf.add("1", track, b"b")]) == [(b"b", 2)]
    shelf.end("1", track, 0.0)
    assert (len(track), track.over, shelf.expire(0.0)) == (0, True, None)
    assert (shelf.size, len(shelf), other.dropped) == (OVERHEAD, 1, False)


def test_who_reads_is_told_of_all_that_happens():
    shelf = Shelf(seconds=10)
    track = put(shelf)
    track.reader = reader = Told()
    shelf.add("1", track, b"a")
    shelf.end("1", track, 0.0)
    shelf.expire(10.0)
    assert reader.times == 3
