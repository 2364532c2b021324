"""A serving process from start to end: listen, serve, drain on SIGTERM or SIGINT, end the servers' processes."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from ..config import ConfigError, Problem, ProxyConfig, split_address
from ..identity import ApiKeys
from ..observe.health import Health
from .app import App
from .authentication import KeyedDoorman
from .doorman import Doorman
from .gateway import Gateway
from .protocol import Protocol

log = logging.getLogger(__name__)


BACKLOG = 1024
"""Connections that wait to be accepted."""

CHILD_SECONDS = 5.0
"""Time that the servers' processes get to end by themselves, at most."""


class Server(uvicorn.Server):
    """uvicorn's server that says, before it stops, that it wants no more requests."""

    def __init__(self, config: uvicorn.Config, gateway: Gateway, health: Health) -> None:
        super().__init__(config)
        self.forced = asyncio.Event()
        """Set when somebody has lost patience with the drain."""
        self._gateway = gateway
        self._health = health

    def stop(self, number: signal.Signals) -> None:
        """First signal: drain. SIGINT after it: end at once."""
        if not self._health.draining:
            log.info("draining: requests in flight get %g s", self.config.timeout_graceful_shutdown)
        elif number is signal.SIGINT:
            log.warning("ending at once")
            self.force_exit = True
            self.forced.set()
        self._health.draining = self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Nothing: they are handled until the servers' processes have ended, which is longer than uvicorn would."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams that would never end by themselves are ended; everything else finishes."""
        self._gateway.streams.close()
        await super().shutdown(sockets)


def run(config: ProxyConfig) -> None:
    """Serve until told to stop. ConfigError where the address cannot be had."""
    listener = bind(config.listen)
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(config, listener))


async def _serve(config: ProxyConfig, listener: socket.socket) -> None:
    server, gateway = build(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop, number)
    name, port = listener.getsockname()[:2]
    log.info("serving %d servers on http://%s:%d/mcp", len(config.servers), f"[{name}]" if ":" in name else name, port)
    try:
        await server.serve(sockets=[listener])
    finally:
        await gateway.aclose(child_seconds(config.limits.drain_seconds), server.forced)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def child_seconds(drain: float) -> float:
    """The part of `drain_seconds` that is kept for the end of the servers' processes, after the requests."""
    return min(CHILD_SECONDS, drain / 2)


def build(config: ProxyConfig) -> tuple[Server, Gateway]:
    """The HTTP server for `config`, and the gateway that it serves, to be closed after it."""
    keys = None if config.authentication is None else ApiKeys(Path(config.authentication.api_keys))
    gateway = Gateway(config)
    health = Health(len(config.servers), gateway)
    host, _ = split_address(config.listen)
    if keys is None:
        doorman = Doorman(host, config.allowed_hosts, config.allowed_origins)
    else:
        doorman = KeyedDoorman(host, config.allowed_hosts, config.allowed_origins, keys)
        gateway.tasks.spawn(keys.follow(), "watch over the file of API keys")
    drain = config.limits.drain_seconds
    settings = uvicorn.Config(
        App(gateway.endpoints, doorman, health),
        http=Protocol,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=drain - child_seconds(drain),  # pyright: ignore[reportArgumentType] - any number of seconds
        backlog=BACKLOG,
    )
    return Server(settings, gateway, health), gateway


def bind(listen: str) -> socket.socket:
    """A socket that listens on `listen`; ConfigError where that is impossible."""
    host, port = split_address(listen)
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(BACKLOG)  # from here on a client waits instead of being refused
    except OSError as error:
        listener.close()
        reason = "the port is in use by another process" if error.errno == errno.EADDRINUSE else (error.strerror or str(error))
        raise ConfigError("listen", [Problem("listen", f"cannot listen on {listen}: {reason}")]) from None
    listener.setblocking(False)
    return listener


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()
