import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.upstream.lines import STDERR_LINES, LineSplitter, Tail, TooLongError

pieces = st.lists(st.one_of(st.binary(max_size=12), st.sampled_from([b"\n", b"a\n", b"\r\n", b"\n\n"])), max_size=20)


@given(pieces)
def test_lines_do_not_depend_on_how_the_bytes_arrive(pieces):
    splitter = LineSplitter(1000)
    found = [line for piece in pieces for line in splitter.feed(piece)]
    *whole, _ = b"".join(pieces).split(b"\n")
    assert found == [line for line in whole if line and not line.isspace()]


@given(pieces, st.integers(1, 20))
def test_a_line_beyond_the_limit_is_never_delivered(pieces, limit):
    splitter = LineSplitter(limit)
    *whole, rest = b"".join(pieces).split(b"\n")
    try:
        found = [line for piece in pieces for line in splitter.feed(piece)]
    except TooLongError:
        assert max(map(len, [*whole, rest])) > limit
    else:
        assert all(len(line) <= limit for line in found)
        assert max(map(len, [*whole, rest])) <= limit


@pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x" * 6, b"x" * 5], [b"x" * 11 + b"\n"], [b"ok\n" + b"x" * 11], [b"x"] * 11])
def test_the_limit_holds_before_the_line_ends(pieces):
    *before, last = pieces
    splitter = LineSplitter(10)
    for piece in before:
        splitter.feed(piece)
    with pytest.raises(TooLongError):
        splitter.feed(last)


def test_a_line_of_exactly_the_limit_passes():
    assert LineSplitter(10).feed(b"x" * 10 + b"\n" + b"y" * 10) == [b"x" * 10]


@given(pieces)
def test_the_tail_does_not_depend_on_how_the_bytes_arrive(pieces):
    one, many = Tail(3, 5), Tail(3, 5)
    one.feed(b"".join(pieces))
    for piece in pieces:
        many.feed(piece)
    assert one.lines() == many.lines()


def test_the_tail_keeps_the_last_lines_and_the_unfinished_one():
    tail = Tail(3)
    tail.feed(b"1\n2\n3\n4\n5")
    assert tail.lines() == ["3", "4", "5"]


def test_a_flood_costs_a_bounded_memory():
    tail = Tail()
    for _ in range(200):
        tail.feed(b"x" * 100_000)
    for number in range(2000):
        tail.feed(b"%d " % number + b"y" * 10_000 + b"\n")
    assert len(tail.lines()) == STDERR_LINES
    assert sum(map(len, tail.lines())) <= 2048 * STDERR_LINES
    assert tail.lines()[-1].startswith("1999 y")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"\x1b[31mred\x1b[0m\n", ["red"]),
        (b"a\rb\x07c\x00d\n", ["abcd"]),
        (b"tab\tstays\n", ["tab\tstays"]),
        (b"\xff\xfe caf\xc3\xa9\n", ["\ufffd\ufffd café"]),
        (b"\x1b]0;title\x07text\n", ["]0;titletext"]),
        ("\x9b31m".encode() + b"\n\n   \n", ["31m"]),
    ],
)
def test_nothing_that_acts_on_a_terminal_is_kept(raw, shown):
    tail = Tail()
    tail.feed(raw)
    assert tail.lines() == shown
