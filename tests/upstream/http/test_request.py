from contextlib import suppress

import h11
import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.upstream.http.request import FRAMING, header_lines, request_head


def test_a_request_has_host_headers_in_order_and_length():
    head = request_head(b"POST", b"/mcp", b"clock:8000", header_lines([(b"a", b"1"), (b"B", b"2"), (b"a", b"3")]), 5)
    assert head == b"POST /mcp HTTP/1.1\r\nhost: clock:8000\r\na: 1\r\nB: 2\r\na: 3\r\ncontent-length: 5\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "size", "announced"),
    [(b"GET", 0, False), (b"DELETE", 0, False), (b"HEAD", 0, False), (b"POST", 0, True), (b"DELETE", 3, True)],
)
def test_an_empty_body_is_announced_where_one_is_expected(method, size, announced):
    assert (b"content-length" in request_head(method, b"/", b"h", b"", size)) is announced


INJECTIONS = [
    (b"x", b"a\r\nb: c"),
    (b"x", b"a\nb: c"),
    (b"x", b"a\rb: c"),
    (b"x", b"a\r\n b"),
    (b"x", b"\r\n\r\nGET / HTTP/1.1"),
    (b"x", b"a\0b"),
    (b"x\r\ny", b"a"),
    (b"x\0", b"a"),
    (b"x:", b"a"),
    (b"x ", b"a"),
    (b" x", b"a"),
    (b"", b"a"),
    (b"x\xff", b"a"),
]


@pytest.mark.parametrize("header", INJECTIONS)
@pytest.mark.parametrize("around", [[], [(b"k", b"v")]])
def test_a_header_that_breaks_out_of_its_line_is_refused(header, around):
    with pytest.raises(ValueError, match="refused"):
        header_lines([*around, header, *around])


def test_one_break_less_here_does_not_pay_for_one_more_there():
    with pytest.raises(ValueError, match="line break"):
        header_lines([(b"a", b"1\r"), (b"b", b"2\n")])


@pytest.mark.parametrize("name", sorted(FRAMING))
def test_headers_that_frame_a_message_are_ours(name):
    with pytest.raises(ValueError, match=name.decode()):
        header_lines([(name.title(), b"1")])


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"", b"/"),
        (b"GE T", b"/"),
        (b"GET\r\n", b"/"),
        (b"GET", b""),
        (b"GET", b"mcp"),
        (b"GET", b"http://evil/"),
        (b"GET", b"/a b"),
        (b"GET", b"/a\r\nx: y"),
        (b"GET", b"/\xff"),
        (b"GET", b"/\0"),
    ],
)
def test_a_request_line_is_one_line_of_three_words(method, target):
    with pytest.raises(ValueError, match=r"no token|no path"):
        request_head(method, target, b"h", b"", 0)


def test_a_refusal_never_repeats_the_value():
    with pytest.raises(ValueError, match="refused") as caught:
        header_lines([(b"authorization", b"Bearer s3cret\n")])
    assert "s3cret" not in str(caught.value)


names = st.one_of(st.sampled_from([b"x", b"mcp-name", b"Accept"]), st.binary(max_size=6))
values = st.one_of(st.binary(max_size=20), st.text(st.sampled_from("ab\r\n\0: ä"), max_size=8).map(str.encode))


class Seen:
    def __init__(self):
        self.headers, self.done = [], 0

    def on_header(self, name, value):
        self.headers.append((name, value))

    def on_message_complete(self):
        self.done += 1


@given(st.lists(st.tuples(names, values), max_size=6), st.binary(max_size=40))
def test_what_is_not_refused_is_read_by_servers_as_it_was_meant(headers, body):
    try:
        head = request_head(b"POST", b"/mcp", b"h", header_lines(headers), len(body))
    except ValueError:
        return
    meant = [(b"host", b"h"), *((name, value.strip(b" \t")) for name, value in headers), (b"content-length", b"%d" % len(body))]
    seen = Seen()
    try:
        httptools.HttpRequestParser(seen).feed_data(head + body)
    except httptools.HttpParserError:
        pass  # a server may refuse a control character; it may not read another request
    else:
        assert seen.done == 1
        assert [(name, value.strip(b" \t")) for name, value in seen.headers] == meant
    server = h11.Connection(h11.SERVER)
    server.receive_data(head + body)
    with suppress(h11.RemoteProtocolError):
        assert server.next_event().headers.raw_items() == meant
