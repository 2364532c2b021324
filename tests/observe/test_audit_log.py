"""The audit's buffer: batches in order, a bound on memory, and every loss counted."""

import asyncio
import logging

import pytest

from mcp_stack_proxy.observe.audit_log import EARLY, AuditLog, Both
from tests.deadlines import SOON


class Held:
    """A Writer that writes when the test says so."""

    def __init__(self, done):
        self.done = done
        self.batches = []
        self.put_one = asyncio.Event()
        self.left = 0
        self.failures = 0

    def put(self, batch):
        self.batches.append(batch)
        self.put_one.set()

    def close(self, seconds):
        return self.left

    async def next(self):
        await asyncio.wait_for(self.put_one.wait(), SOON)
        self.put_one.clear()


def held(seconds=0.01, size=10**6):
    found = []
    log = AuditLog(lambda done: found.append(Held(done)) or found[0], seconds, size)
    return log, found[0]


async def test_lines_go_together_after_the_time_and_in_order():
    log, writer = held()
    for number in range(5):
        log.write(b"%d\n" % number)
    assert writer.batches == []
    await writer.next()
    assert writer.batches == [b"0\n1\n2\n3\n4\n"]


async def test_many_lines_do_not_wait_for_the_time():
    log, writer = held(seconds=1000)
    log.write(b"x" * EARLY + b"\n")
    log.write(b"y\n")
    assert [len(batch) for batch in writer.batches] == [EARLY + 3]


@pytest.mark.parity("aggregate.audit-durable")
async def test_what_a_stuck_writer_leaves_no_room_for_is_counted_and_said_once(caplog):
    log, writer = held(size=100)
    log.write(b"a" * 49 + b"\n")
    await writer.next()  # and it is not written
    log.write(b"b" * 49 + b"\n")
    for _ in range(3):
        log.write(b"c\n")
    assert (log.written, log.lost) == (2, 3)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "100 bytes wait to be written (audit.buffer_bytes)" in caplog.text
    writer.done()
    await writer.next()
    assert writer.batches[-1] == b"b" * 49 + b"\n"
    log.write(b"d\n")
    assert (log.written, log.lost) == (3, 3)
    assert "written again; 3 have been lost so far" in caplog.text


async def test_the_end_writes_the_rest_and_counts_what_cannot_be_written(caplog):
    log, writer = held(seconds=1000)
    log.write(b"a\n")
    writer.left = 1
    log.close(1.0)
    assert writer.batches == [b"a\n"]
    assert log.lost == 1
    assert "1 records could not be written before the end" in caplog.text


async def test_the_end_of_nothing_is_nothing():
    log, writer = held()
    log.close(1.0)
    assert (writer.batches, log.lost) == ([], 0)


async def test_a_slow_writer_gets_one_batch_at_a_time():
    log, writer = held(seconds=0.001)
    log.write(b"a\n")
    await writer.next()
    log.write(b"b\n")
    looked = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, looked.set)  # the buffer's time has passed, several times
    await asyncio.wait_for(looked.wait(), SOON)
    assert writer.batches == [b"a\n"]
    log.write(b"c\n")
    writer.done()
    await writer.next()
    assert writer.batches == [b"a\n", b"b\nc\n"]


async def test_an_output_that_takes_nothing_costs_the_other_one_no_record():
    (stuck, blocked), (free, writer) = held(size=4), held()
    both = Both({"stdout": stuck, "file": free})
    for number in range(4):
        both.write(b"%d\n" % number)
    await writer.next()
    assert writer.batches == [b"0\n1\n2\n3\n"]
    await blocked.next()
    assert (blocked.batches, stuck.lost, free.lost) == ([b"0\n1\n"], 2, 0)
    blocked.failures = 3
    assert (stuck.failures, free.failures) == (3, 0)
