"""How a server's response goes on to the client."""

import asyncio

import pytest

from mcp_stack_proxy.serve.http import Request
from mcp_stack_proxy.serve.passing import TAIL, Passing
from mcp_stack_proxy.upstream.http.response import Response

EVENTS = [(b"content-type", b"text/event-stream")]
EVENT = b"data: {}\n\n"


class Out:
    """The way of a response: what was written, write by write."""

    def __init__(self):
        self.written = []

    async def whole(self, status, headers, body):
        self.written.append(("whole", status, headers, body))

    async def begin(self, status, headers, first):
        self.written.append(("begin", status, headers, first))

    async def part(self, data):
        self.written.append(data)

    async def end(self, last):
        self.written.append(("end", last))


class Client:
    def watch(self, left):
        self.left = left

    def unwatch(self, left):
        assert left == self.left


class Server:
    def resume(self):
        """Nothing was paused."""


@pytest.fixture
def out():
    return Out()


@pytest.fixture
async def passing(out):
    made = Passing(Request("POST", "/mcp", b"", [], {}, out, [], Client()), None, "s")
    yield made
    made.close()


@pytest.fixture
async def response():
    made = Response(Server(), asyncio.get_running_loop())
    made.start(200, EVENTS)
    return made


@pytest.mark.parametrize("events", [1, 2, 2000])
async def test_a_stream_that_is_here_as_a_whole_is_one_write(passing, response, out, events):
    for _ in range(events):
        response.feed(EVENT)
    response.complete = True
    await passing.stream(response, EVENTS, events=True)
    assert out.written == [("whole", 200, EVENTS, EVENT * events)]
    assert (passing.sent, passing.tail) == (len(EVENT) * events, (EVENT * events)[-TAIL:])


async def test_a_stream_that_goes_on_is_passed_piece_by_piece(passing, response, out):
    response.feed(EVENT)
    going = asyncio.ensure_future(passing.stream(response, EVENTS, events=True))
    while len(out.written) < 2:
        await asyncio.sleep(0)
    assert out.written == [("begin", 200, EVENTS, b""), EVENT], "nothing waits for the end"
    response.feed(EVENT)
    response.complete = True
    response.wake()
    await going
    assert out.written[2:] == [EVENT, ("end", b"")]
    assert (passing.sent, passing.tail) == (2 * len(EVENT), 2 * EVENT)
