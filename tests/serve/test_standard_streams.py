"""Lines on descriptors of any kind: bounded, in order, whole, and no thread keeps the process from its end."""

import asyncio
import os

import pytest

from mcp_stack_proxy.serve.standard_streams import BACKLOG, Lines, Printer, TooLong
from tests.deadlines import SOON


async def read(data, limit=100, room=100):
    reads, writes = os.pipe()
    lines = Lines(reads, limit, room)
    os.write(writes, data)
    os.close(writes)
    found = []
    async with asyncio.timeout(SOON):
        async for line in lines:
            found.append("too long" if isinstance(line, TooLong) else line)
            lines.done()
    return found


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\n\n  \nb", [b"a", b"b"]),
        (b"x" * 100 + b"\n", [b"x" * 100]),
        (b"x" * 101 + b"\na\n", ["too long", b"a"]),
        (b"x" * 102 + b"\na\n", ["too long", b"a"]),
        (b"x" * 60000 + b"\na\n", ["too long", b"a"]),
        (b"x" * 60000, ["too long"]),
        (b"a\r\n", [b"a\r"]),
    ],
)
async def test_lines_are_read_within_their_limit(data, lines):
    assert await read(data) == lines


async def test_no_more_lines_are_read_than_there_is_room_for():
    reads, writes = os.pipe()
    lines = Lines(reads, 100, room=2)
    os.write(writes, b"1\n2\n3\n")
    iterator = aiter(lines)
    async with asyncio.timeout(SOON):
        assert [await anext(iterator), await anext(iterator)] == [b"1", b"2"]
        third = asyncio.ensure_future(anext(iterator))
        await asyncio.sleep(0.05)
        assert not third.done()
        lines.done()
        assert await third == b"3"
    os.close(writes)


async def test_what_is_printed_comes_out_in_order_and_on_one_line():
    reads, writes = os.pipe()
    printer = Printer(writes)
    for number in range(100):
        await printer.line(b'{"n":\r\n%d}' % number)
    await asyncio.wait_for(printer.flush(), SOON)
    with os.fdopen(reads, "rb") as source:
        assert [source.readline() for _ in range(100)] == [b'{"n":  %d}\n' % number for number in range(100)]


async def test_a_client_that_does_not_read_is_waited_for():
    reads, writes = os.pipe()
    printer = Printer(writes)
    await printer.line(b"x" * (BACKLOG + 1))
    second = asyncio.ensure_future(printer.line(b"y"))
    await asyncio.sleep(0.05)
    assert not second.done()
    with os.fdopen(reads, "rb") as source:
        line = await asyncio.wait_for(asyncio.to_thread(source.readline), SOON)
        assert len(line) == BACKLOG + 2
        await asyncio.wait_for(second, SOON)
        assert await asyncio.wait_for(asyncio.to_thread(source.readline), SOON) == b"y\n"


async def test_a_client_that_is_gone_is_noticed():
    reads, writes = os.pipe()
    os.close(reads)
    printer = Printer(writes)
    await printer.line(b"x")
    await asyncio.wait_for(printer.gone.wait(), SOON)
    await printer.line(b"y")
    await asyncio.wait_for(printer.flush(), SOON)
