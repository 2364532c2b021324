import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.upstream.cli.output import Output
from mcp_stack_proxy.upstream.cli.progress import WAITING, Progress


def fed(limit, *pieces):
    output = Output(limit)
    for piece in pieces:
        output.feed(piece)
    return output


@pytest.mark.parametrize(
    ("limit", "pieces", "text"),
    [
        (10, [], ""),
        (10, [b"0123456789"], "0123456789"),
        (10, [b"01234", b"56789"], "0123456789"),
        (10, [b"0123456789a"], "01234\n[1 bytes left out]\n6789a"),
        (10, [b"01234567", b"89", b"a", b"b"], "01234\n[2 bytes left out]\n789ab"),
        (1, [b"ab"], "a\n[1 bytes left out]\n"),
        (100, [b"\xff\xfea"], "\ufffd\ufffda"),
        (8, ["€€€€".encode()], "€\n[4 bytes left out]\n€"),
        (8, ["aéééééé".encode()], "aé\n[5 bytes left out]\néé"),
        (8, ["😀😀😀😀".encode()], "😀\n[8 bytes left out]\n😀"),
        (6, ["😀😀😀😀".encode()], "\n[10 bytes left out]\n"),
        (8, [b"\x80" * 20], "\ufffd" * 4 + "\n[12 bytes left out]\n\ufffd"),
        (6, [b"\x80" * 20], "\ufffd" * 3 + "\n[14 bytes left out]\n"),
    ],
)
def test_beginning_and_end_are_kept(limit, pieces, text):
    assert fed(limit, *pieces).text() == text


@given(st.integers(1, 50), st.lists(st.binary(max_size=30), max_size=30))
def test_what_is_kept_is_bounded_however_it_comes(limit, pieces):
    output, whole = fed(limit, *pieces), b"".join(pieces)
    assert output.size == len(whole)
    assert output.truncated == (len(whole) > limit)
    assert output.text() == fed(limit, whole).text()
    assert output._tail_size <= limit + 30
    if not output.truncated:
        assert output.text() == whole.decode("utf-8", "replace")


def test_lines_are_counted_cleaned_and_bounded():
    progress = Progress()
    progress.feed(b"half")
    assert not progress.more.is_set()
    assert progress.take() == []
    progress.feed(b" line\n\n\x1b[31mred\x1b[0m\nopen")
    assert progress.more.is_set()
    assert progress.take() == [(1, "half line"), (3, "red")]
    assert not progress.more.is_set()
    progress.feed(b"\n" + b"".join(b"%d\n" % number for number in range(200)))
    taken = progress.take()
    assert len(taken) == WAITING
    assert taken[-1] == (204, "199")
    progress.feed(b"x" * 100_000)
    progress.feed(b"x" * 100_000 + b"\n" + b"y" * 100_000 + b"\n")
    assert [len(text) for _, text in progress.take()] == [2048, 2048]
