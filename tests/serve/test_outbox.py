import asyncio

import pytest

from mcp_stack_proxy.serve import outbox, reply
from mcp_stack_proxy.serve.outbox import Outbox
from mcp_stack_proxy.wire.sse import KEEP_ALIVE
from tests.deadlines import SOON


async def test_pieces_come_in_order_and_then_the_end():
    box = Outbox(10)
    assert box.put(b"a")
    assert box.put(b"b")
    box.close()
    assert [await box.next(), await box.next(), await box.next()] == [b"a", b"b", None]


async def test_what_is_added_after_the_end_is_dropped():
    box = Outbox(10)
    box.close()
    assert box.put(b"late")
    assert await box.next() is None


async def test_a_piece_of_any_size_finds_room_alone_and_no_other_beside_it():
    box = Outbox(10)
    assert box.put(b"x" * 100)
    assert not box.put(b"y")
    assert await box.next() == b"x" * 100
    assert box.put(b"y" * 10)
    assert not box.put(b"z")


async def test_what_has_been_read_makes_room():
    box = Outbox(10)
    for _ in range(100):
        assert box.put(b"12345")
        assert box.put(b"67890")
        assert await box.next() + await box.next() == b"1234567890"


async def test_of_one_key_one_piece_waits():
    box = Outbox(10)
    for _ in range(100):
        assert box.put(b"tools", "tools")
    assert box.put(b"other", "other")
    assert [await box.next(), await box.next()] == [b"tools", b"other"]
    assert box.put(b"tools", "tools")
    assert await box.next() == b"tools"


async def test_a_reader_is_woken():
    box = Outbox(10)
    reader = asyncio.create_task(box.next())
    await asyncio.sleep(0)
    box.put(b"a")
    async with asyncio.timeout(SOON):
        assert await reader == b"a"


@pytest.mark.parity("aggregate.transport-sse")
async def test_silence_is_broken_by_a_comment_every_fifteen_seconds(monkeypatch):
    assert reply.BEAT <= 15
    monkeypatch.setattr(outbox, "BEAT", 0.01)
    box = Outbox(10)
    assert [await box.next(), await box.next()] == [KEEP_ALIVE, KEEP_ALIVE]
    assert KEEP_ALIVE.startswith(b":")
