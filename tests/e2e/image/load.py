"""Clients of the official SDK that call tools at a given rate, and count what they lost. Runs in a pod, for tests/e2e/node.

    python load.py URL CLIENTS

Environment: API_KEY. `GET` on port 9000 tells the counts; `POST /RATE` sets the calls a second that all clients make together, none
at first; the slowest call is the slowest since then. A machine that is too slow for the rate gets fewer: each client waits for its
answer.

A call is lost when it ends in anything but its right answer. The one thing that clients do again is to connect: whoever could not
connect knows that nothing was sent. A request that was sent and got no answer is lost, as it is for a user. Half of the clients
speak the handshake revisions, with sessions; each begins anew after some calls.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections import Counter
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

PORT = 9000
CALLS_A_CLIENT = 150
TIMEOUT_SECONDS = 60.0
CONNECT_SECONDS = 5.0
"""An address that nobody has any more answers nothing; who waits for it does not try the next one."""

IDLE_SECONDS = 0.2
KEPT = 20


class Load:
    """What is being done, and what came of it."""

    def __init__(self, url: str, clients: int) -> None:
        self.url, self.clients = url, clients
        self.done = Counter()
        self.lost = []
        self.began = time.monotonic()
        self.slowest = 0.0
        self.rate = 0.0
        self.next = 0.0

    def stats(self):
        """What a test reads."""
        return {
            "done": self.done.total(), "by": dict(self.done), "lost": len(self.lost), "first_lost": self.lost[:KEPT],
            "slowest": round(self.slowest, 2), "seconds": round(time.monotonic() - self.began, 1),
        }  # fmt: skip

    async def run(self) -> None:
        """Until the pod is deleted."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.clients):
                group.create_task(self.client(number))

    async def client(self, number: int) -> None:
        """One client after the other, all of one era."""
        mode = ("auto", "legacy")[number % 2]
        while True:
            calls = 0
            try:
                async with Client(transport(self.url), mode=mode, read_timeout_seconds=TIMEOUT_SECONDS) as client:
                    while calls < CALLS_A_CLIENT:
                        await self.turn()
                        calls += 1
                        await self.call(client, mode, number * 1000 + calls)
            except Exception as error:
                self.lost.append(f"{time.time():.3f} {mode}, call {calls}: {causes(error)}")
                await asyncio.sleep(0.2)

    async def turn(self) -> None:
        """Returns when the next call may be made. Turns that nobody took in time are not made up for."""
        while not self.rate:
            await asyncio.sleep(IDLE_SECONDS)
        now = time.monotonic()
        self.next = max(self.next, now) + 1 / self.rate
        await asyncio.sleep(self.next - now)

    async def call(self, client, mode: str, number: int) -> None:
        """One call of one of the two servers; AssertionError where the answer is not this call's."""
        began = time.monotonic()
        if number % 2:
            name = "units__convert"
            answer = await client.call_tool(name, {"value": number, "source": "km", "target": "m"})
            expected, got = number * 1000, (answer.structured_content or {}).get("value")
        else:
            name = "clock__between"
            answer = await client.call_tool(name, {"start": "2026-01-01", "end": f"2026-01-{2 + number % 28:02}"})
            expected, got = 1 + number % 28, (answer.structured_content or {}).get("days")
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer.is_error or got != expected:
            raise AssertionError(f"{name} answered {answer.content!r}")
        self.done[f"{mode} {name}"] += 1


def causes(error: BaseException) -> str:
    """The innermost errors, without the groups round them."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(causes(inner) for inner in error.exceptions)
    below = error.__cause__ or error.__context__
    return f"{type(error).__name__}: {error}" + (f" < {causes(below)}" if below is not None else "")


@asynccontextmanager
async def transport(url: str):
    """The SDK's transport; its HTTP client connects again where it could not connect, and does nothing else twice."""
    headers = {"Authorization": f"Bearer {os.environ['API_KEY']}"}
    sockets = httpx2.AsyncHTTPTransport(retries=6)
    async with (
        httpx2.AsyncClient(
            headers=headers, transport=sockets, timeout=httpx2.Timeout(TIMEOUT_SECONDS, connect=CONNECT_SECONDS)
        ) as http,
        streamable_http_client(url, http_client=http) as streams,
    ):
        yield streams


def board(load: Load) -> ThreadingHTTPServer:
    """The counts by HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            load.rate, load.slowest = float(self.path.rpartition("/")[2]), 0.0
            self.do_GET()

        def do_GET(self) -> None:
            body = json.dumps(load.stats()).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return ThreadingHTTPServer(("0.0.0.0", PORT), Handler)


def main() -> None:
    """Runs until the process is ended."""
    load = Load(sys.argv[1], int(sys.argv[2]))
    server = board(load)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asyncio.run(load.run())


if __name__ == "__main__":
    main()
