"""kill -9 loses no record that is older than the flush interval; shown by a process that is really killed."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.deadlines import SOON

FLUSH = 0.2
WRITER = """
import asyncio, sys
from mcp_stack_proxy.observe.audit_log import AuditLog
from mcp_stack_proxy.observe.audit_places import OneFile
from mcp_stack_proxy.observe.audit_writer import AuditWriter, in_loop

async def main():
    log = AuditLog(lambda done: AuditWriter(OneFile(sys.argv[1]), sync=False, written=in_loop(done)), float(sys.argv[2]), 10**7)
    number = 0
    while True:
        for _ in range(20):
            number += 1
            log.write(b'{"n":%d}\\n' % number)
        print(number, flush=True)
        await asyncio.sleep(0.002)

asyncio.run(main())
"""


@pytest.mark.parity("aggregate.audit-durable")
def test_records_older_than_the_interval_survive_kill_9(tmp_path):
    path = tmp_path / "audit.jsonl"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(FLUSH)], stdout=subprocess.PIPE)
    try:
        last = 0
        while last < 20_000:
            last = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait(SOON)
        process.stdout.close()
    *whole, torn = path.read_bytes().split(b"\n")
    records = [json.loads(line) for line in whole]
    assert torn == b""
    assert [record["n"] for record in records] == list(range(1, len(records) + 1))
    # What is missing was taken less than the interval ago, in steps of 2 ms or more; as much again, and half a second, for the
    # thread. Counted, not timed: a writer that had to wait for its machine has taken nothing meanwhile.
    assert last - len(records) < 20 * (2 * FLUSH + 0.5) / 0.002
