"""Any bytes in any pieces: a right answer or a typed error, never another exception, never the answer to another request.

`MCP_FUZZ_CASES=1000000 pytest tests/upstream/http/test_fuzz.py` runs longer. The connection is driven without sockets, so that a
case takes microseconds; test_answers.py has the sockets, tests/fuzz mutates what real servers said.
"""

import os
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcp_stack_proxy.errors import Reason
from mcp_stack_proxy.upstream.http.connection import HIGH_WATER, MAX_HEAD, TICK
from mcp_stack_proxy.upstream.http.response import LOW_WATER
from tests.upstream.http.wire import Wire, outcome

CASES = int(os.environ.get("MCP_FUZZ_CASES", "100"))
fuzz = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def raw():
    with socket.socket() as unconnected:
        yield unconnected


@st.composite
def pieces_of(draw, data):
    """`data`, cut at random places."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


token = st.text("abcXYZ-_019", min_size=1, max_size=8).map(str.encode)
value = st.text("abc ,;=\"'\x80é~", max_size=12).map(lambda text: text.encode("latin-1").strip())
headers = st.lists(st.tuples(token.map(lambda name: b"x-" + name), value), max_size=6)


@st.composite
def answers(draw):
    """A valid response and what it means: bytes, status, headers, body, whether the connection lives on, whether it ends by EOF."""
    status = draw(st.sampled_from([200, 200, 202, 400, 404, 500, 599, 204, 304]))
    extra = draw(headers)
    body = draw(st.binary(max_size=200))
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    lines = [(name, text) for name, text in extra]
    if status in (204, 304):
        body, payload, framing = b"", b"", "none"
    elif framing == "length":
        lines.append((b"Content-Length", b"%d" % len(body)))
        payload = body
    elif framing == "chunked":
        lines.append((b"Transfer-Encoding", b"chunked"))
        chunks = [chunk for chunk in draw(pieces_of(body)) if chunk]
        trailer = draw(st.sampled_from([b"", b"x-trailer: 1\r\n"]))
        payload = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailer + b"\r\n"
    else:
        payload = body
    closing = draw(st.booleans())
    if closing:
        lines.append((b"Connection", b"close"))
    interim = draw(st.sampled_from([b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nlink: x\r\n\r\n"]))
    head = b"HTTP/1.1 %d Reason\r\n%b\r\n" % (status, b"".join(b"%b: %b\r\n" % line for line in lines))
    meant = [(name.lower(), text) for name, text in lines]
    return interim + head + payload, status, meant, body, not closing and framing != "close", framing == "close"


@fuzz
@given(data=st.data(), answer=answers())
def test_a_valid_answer_means_the_same_however_it_is_cut(raw, data, answer):
    stream, status, meant, body, kept, by_end = answer
    wire = Wire(raw)
    response = wire.ask()
    wire.feed(data.draw(pieces_of(stream)))
    if by_end:
        assert not response.complete
        wire.end()
    assert (response.status, response.headers, outcome(response)) == (status, meant, body)
    assert wire.pool.free == ([wire.connection] if kept else [])
    assert wire.pipe.aborted == (not kept and not by_end)


@fuzz
@given(data=st.data(), answer=answers())
def test_a_valid_answer_that_breaks_off_is_never_taken_for_a_whole_one(raw, data, answer):
    stream, _, _, body, _, by_end = answer
    cut = data.draw(st.integers(0, len(stream) - 1))
    wire = Wire(raw)
    response = wire.ask()
    wire.feed(data.draw(pieces_of(stream[:cut])))
    wire.end()
    if by_end and response.status:
        assert body.startswith(outcome(response))  # such a server cannot say that something is missing
    elif not response.complete:
        assert outcome(response) is Reason.UNREACHABLE
    else:
        assert outcome(response) == body
        assert stream[cut:].strip(b"\r\n") == b""


FRAGMENTS = [
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b"0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"HTTP/1.1 101 X\r\nUpgrade: y\r\nConnection: upgrade\r\n\r\n",
]


@st.composite
def mutations(draw, stream):
    """`stream` with a few bytes changed, lost, doubled, or with a part of itself or of another answer put in."""
    data = bytearray(stream)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["set", "drop", "put", "repeat"])):
            case "set" if place < len(data):
                data[place] = draw(st.integers(0, 255))
            case "drop":
                del data[place : place + draw(st.integers(1, 8))]
            case "put":
                data[place:place] = draw(
                    st.one_of(
                        st.binary(min_size=1, max_size=8),
                        st.sampled_from(FRAGMENTS),
                    )
                )
            case _:
                data[place:place] = data[place : place + draw(st.integers(1, 40))]
    return bytes(data)


def survives(wire, response, pieces):
    """The answer to `pieces`, with everything checked that holds for any bytes."""
    wire.feed(pieces)
    wire.end()
    result = outcome(response)
    assert isinstance(result, bytes) or result in (Reason.INVALID, Reason.UNREACHABLE)
    assert wire.pool.gone == [wire.connection]
    if response.status:
        assert 200 <= response.status <= 599
    return result


@fuzz
@given(data=st.data(), answer=answers())
def test_a_mutated_answer_is_an_answer_or_a_typed_error(raw, data, answer):
    stream = data.draw(mutations(answer[0]))
    wire = Wire(raw)
    survives(wire, wire.ask(), data.draw(pieces_of(stream)))


@fuzz
@given(data=st.data(), stream=st.binary(max_size=300))
def test_garbage_is_a_typed_error(raw, data, stream):
    wire = Wire(raw)
    result = survives(wire, wire.ask(), data.draw(pieces_of(stream)))
    assert not isinstance(result, bytes) or stream.lstrip(b"\r\n").startswith(b"HTTP/")


@fuzz
@given(data=st.data(), first=answers(), second=answers())
def test_two_cuts_of_the_same_bytes_are_read_alike(raw, data, first, second):
    """Where a parser's reading hangs on the packets' borders, an attacker has a lever."""
    stream = data.draw(mutations(first[0] + second[0]))
    results = []
    for pieces in ([stream], data.draw(pieces_of(stream))):
        wire = Wire(raw)
        response = wire.ask()
        result = survives(wire, response, pieces)
        results.append((result, response.status, response.headers if isinstance(result, bytes) else None))
    (whole, status, _), (cut, _, _) = results
    assert results[0] == results[1] or not (isinstance(whole, bytes) and isinstance(cut, bytes)), (whole, cut, status)


leftovers = st.one_of(
    st.binary(min_size=1, max_size=40),
    answers().map(lambda one: one[0]),
    answers().flatmap(lambda one: st.integers(1, 40).map(lambda size: one[0][:size])),
)


@fuzz
@given(data=st.data(), answer=answers(), leftover=leftovers)
def test_what_follows_an_answer_never_answers_the_next_request(raw, data, answer, leftover):
    stream, status, meant, body, _, by_end = answer
    if by_end:
        return
    wire = Wire(raw)
    response = wire.ask()
    wire.feed(data.draw(pieces_of(stream + leftover)))
    assert (response.status, response.headers, outcome(response)) == (status, meant, body)
    assert wire.connection.closing or leftover.strip(b"\r\n") == b""
    assert wire.pipe.aborted == wire.connection.closing


@fuzz
@given(data=st.data(), bodies=st.lists(st.binary(max_size=50), min_size=2, max_size=5))
def test_each_request_on_a_kept_connection_gets_its_own_answer(raw, data, bodies):
    wire = Wire(raw)
    for body in bodies:
        response = wire.ask()
        wire.feed(data.draw(pieces_of(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))))
        assert outcome(response) == body
        assert wire.pool.free.pop() is wire.connection


@pytest.mark.parametrize("trailer", [b"connection: close", b"transfer-encoding: gzip", b"x: y"])
def test_trailers_never_spoil_the_next_answer(raw, trailer):
    wire = Wire(raw)
    response = wire.ask()
    wire.feed([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n%b\r\n\r\n" % trailer])
    assert outcome(response) == b"a"
    assert wire.connection.closing == (trailer != b"x: y")
    if not wire.connection.closing:
        response = wire.ask()
        wire.feed([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb"])
        assert outcome(response) == b"b"


@fuzz
@given(
    prefix=st.sampled_from(
        [
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 ",
            b"HTTP/1.1 200 OK\r\nA: ",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
            b"",
        ]
    ),
    unit=st.sampled_from([b"a: b\r\n", b"x", b"HTTP/1.1 100 C\r\n\r\n", b"a: " + b"b" * 900 + b"\r\n", b"\r\n"]),
    size=st.integers(1, 70_000),
)
def test_endless_headers_end(raw, prefix, unit, size):
    wire = Wire(raw)
    response = wire.ask()
    fed = 0
    wire.feed([prefix])
    while not (wire.pipe.aborted or response.complete or response.buffered):  # a blank line may begin a body
        piece = (unit * (size // len(unit) + 1))[:size]
        wire.connection.data_received(piece)
        fed += size
        assert fed <= MAX_HEAD + 2 * size
    assert not wire.pipe.aborted or response.complete or outcome(response) is Reason.INVALID


@fuzz
@given(sizes=st.lists(st.integers(1, 200_000), max_size=20), reads=st.lists(st.booleans(), max_size=20))
def test_reading_is_paused_above_the_high_mark_and_goes_on_below_the_low_one(raw, sizes, reads):
    wire = Wire(raw)
    response = wire.ask()
    wire.feed([b"HTTP/1.1 200 OK\r\n\r\n"])
    for size, read in zip(sizes, [*reads, *[False] * 20], strict=False):
        if not wire.pipe.paused:
            wire.feed([b"x" * size])
        assert wire.pipe.paused == (response.buffered > HIGH_WATER)
        if read and response.buffered:
            piece = response.__anext__()
            with pytest.raises(StopIteration):
                piece.send(None)
            assert response.buffered <= LOW_WATER
            assert not wire.pipe.paused


@fuzz
@given(
    sounds=st.lists(st.floats(0, 5), max_size=10).map(sorted),
    begun=st.floats(0, TICK),
    silence=st.floats(0.1, 2),
    seconds=st.floats(0.1, 5),
)
def test_time_ends_an_exchange_neither_early_nor_never(raw, sounds, begun, silence, seconds):
    """The sweep comes every TICK, whenever an exchange began and the server was heard."""
    wire = Wire(raw)
    response = wire.connection.begin(b"request", b"", begun + seconds, silence, without_body=False)
    words = [b"HTTP/1.1 200 OK\r\n\r\n"]
    heard, sounds = begun, [begun + sound for sound in sounds]
    for number in range(1, 60):
        now = number * TICK
        while sounds and sounds[0] <= now:
            heard = sounds.pop(0)
            wire.feed([words.pop() if words else b"x"])
        wire.connection.tick(now, TICK)
        if response.fault is not None:
            break
        assert now < begun + seconds
        assert now - heard < silence + 2 * TICK
    over = now >= begun + seconds
    assert response.fault.reason is (Reason.TIMEOUT if over else Reason.SILENT)
    assert over or now - heard >= silence
