"""Streams through a controller on which nobody says anything."""

import asyncio
import os
import threading
import time

from tests.e2e.controllers.clients import SECONDS, legacy_stream, modern_stream
from tests.e2e.controllers.exposed import BARE, GATEWAY

QUIET_SECONDS = int(os.environ.get("E2E_QUIET_SECONDS", "65"))
"""More than a minute, at which Traefik ends what it has not read to its end, unless it is told otherwise."""


class Quiet(threading.Thread):
    """Streams on which nothing is said for a while: how long each was open, and what came in the end."""

    def __init__(self, outside):
        super().__init__(daemon=True)
        self._outside = outside
        self.heard = {}

    def run(self):
        asyncio.run(self._watch())

    async def _watch(self):
        async with self._outside.http(None) as http, asyncio.TaskGroup() as group:
            for era, opened in (("legacy", legacy_stream), ("auto", modern_stream)):
                for way, url in enumerate(GATEWAY):
                    group.create_task(self._keep((era, way), opened(http, url)))
            for way, base in enumerate(BARE):
                group.create_task(self._keep(("silent", way), http.stream("GET", f"{base}/quiet/{way}")))
            await asyncio.sleep(QUIET_SECONDS + 1)
            for way, base in enumerate(BARE):
                while ("silent", way) not in self.heard:  # whichever pod has it
                    await http.post(f"{base}/quiet/{way}")
                    await asyncio.sleep(0.1)

    async def _keep(self, name, opened):
        """Until its time is over. A stream that ends before has not been heard for so long."""
        began = time.monotonic()
        async with opened as stream:
            try:
                async with asyncio.timeout(QUIET_SECONDS + (SECONDS if name[0] == "silent" else 1)):
                    said = b"".join([part async for part in stream.aiter_bytes()])
            except TimeoutError:
                said = None
        self.heard[name] = (time.monotonic() - began, said)
