"""A serving process from start to end: listen, serve, drain on SIGTERM or SIGINT, end the servers' processes."""

import asyncio
import errno
import gc
import logging
import signal
import socket
from pathlib import Path

from ..config import ConfigError, Problem, ProxyConfig, split_address
from ..identity import ApiKeys
from ..observe.health import Health
from ..observe.pages import pages
from .app import App
from .authentication import KeyedDoorman
from .doorman import Doorman
from .gateway import Gateway
from .http.hub import Hub
from .management import ManagementPort
from .place import Place, places
from .siblings import Siblings
from .workers import MISCONFIGURED, Workers

log = logging.getLogger(__name__)


BACKLOG = 1024
"""Connections that wait to be accepted."""

CHILD_SECONDS = 5.0
"""Time that the servers' processes get to end by themselves, at most."""


class Server:
    """A gateway and the connections to it, from the first to the last."""

    def __init__(
        self, gateway: Gateway, hub: Hub, health: Health, management: ManagementPort, siblings: Siblings | None = None
    ) -> None:
        self.gateway = gateway
        self.hub = hub
        self._siblings = siblings
        self.management = management
        self._health = health
        self._stopping = asyncio.Event()
        self._forced = asyncio.Event()

    def stop(self, number: signal.Signals) -> None:
        """First signal: drain. SIGINT after it: end at once."""
        if not self._health.draining:
            log.info("draining: requests in flight get %g s", self._request_seconds)
        elif number is signal.SIGINT:
            log.warning("ending at once")
            self._forced.set()
            self.hub.hurry()
        self._health.draining = True
        self._stopping.set()

    async def serve(self, listener: socket.socket, own: socket.socket | None = None) -> None:
        """Until told to stop; then what is in flight finishes, and the servers' processes end. `own` is where siblings ask."""
        self.gateway.begin()
        listening = await self.hub.loop.create_server(self.hub.connect, sock=listener, backlog=BACKLOG)
        among = None
        if self._siblings is not None and own is not None:
            among = Hub(self._siblings, self.gateway.config.limits.max_body_bytes)
            await among.loop.create_server(among.connect, sock=own, backlog=BACKLOG)
        try:
            await self._stopping.wait()
        finally:
            listening.close()
            self.gateway.streams.close()  # they would never end by themselves
            await self.hub.drain(self._request_seconds)
            if self._siblings is not None and among is not None:
                await self._siblings.aclose()
                await among.drain(0)
            await self.gateway.aclose(child_seconds(self._drain_seconds), self._forced)
            await self.management.aclose()

    @property
    def _drain_seconds(self) -> float:
        return self.gateway.config.limits.drain_seconds

    @property
    def _request_seconds(self) -> float:
        return self._drain_seconds - child_seconds(self._drain_seconds)


def run(config: ProxyConfig, workers: int = 1) -> int:
    """Serve until told to stop, in as many processes. The exit code; ConfigError where the address cannot be had."""
    listener = bind(config.listen)
    management = None if config.management is None else bind(config.management.listen, "management.listen")
    if workers == 1:
        _run(config, listener, management)
        return 0
    if config.sessions is not None and config.sessions.advertise is not None:
        hint = "replicas reach a process, not one of its workers: run more replicas instead, or remove it"
        raise ConfigError("--workers", [Problem("sessions.advertise", f"does not go with {workers} workers; {hint}")])
    own = [bind("127.0.0.1:0") for _ in range(workers)]
    there = places(tuple(f"127.0.0.1:{one.getsockname()[1]}" for one in own))

    def work(number: int) -> int:
        try:
            _run(config, listener, management, there[number], own[number])
        except ConfigError as error:
            log.error("%s", error)  # noqa: TRY400 - it is meant for whoever has configured it
            return MISCONFIGURED
        return 0

    return Workers(workers, work).run()


def _run(
    config: ProxyConfig,
    listener: socket.socket,
    management: socket.socket | None,
    place: Place | None = None,
    own: socket.socket | None = None,
) -> None:
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(config, listener, management, place, own))


async def _serve(
    config: ProxyConfig,
    listener: socket.socket,
    management: socket.socket | None,
    place: Place | None,
    own: socket.socket | None,
) -> None:
    server = build(config, place)
    _relax_collector()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop, number)
    name, port = listener.getsockname()[:2]
    log.info("serving %d servers on http://%s:%d/mcp", len(config.servers), f"[{name}]" if ":" in name else name, port)
    if management is not None:
        await server.management.open(management)
    try:
        await server.serve(listener, own)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def child_seconds(drain: float) -> float:
    """The part of `drain_seconds` that is kept for the end of the servers' processes, after the requests."""
    return min(CHILD_SECONDS, drain / 2)


def build(config: ProxyConfig, place: Place | None = None) -> Server:
    """The server for `config`; `place` is that of a worker among several. Made while its loop runs."""
    gateway = Gateway(config, place=place)
    siblings = None if place is None else Siblings(place, config.limits)
    health = Health(len(config.servers), gateway)
    host, _ = split_address(config.listen)
    if config.authentication is None:
        doorman = Doorman(host, config.allowed_hosts, config.allowed_origins)
    else:
        keys = ApiKeys(Path(config.authentication.api_keys))
        doorman = KeyedDoorman(host, config.allowed_hosts, config.allowed_origins, keys)
        gateway.tasks.spawn(keys.follow(), "watch over the file of API keys")
    front, back = pages(health, gateway.metrics(), apart=config.management is not None, together=siblings)
    app = App(gateway.endpoints, doorman, front, gateway.observation.refusals)
    hub = Hub(app, config.limits.max_body_bytes)
    return Server(gateway, hub, health, ManagementPort(back.open), None if siblings is None else siblings.beside(app))


def bind(listen: str, key: str = "listen") -> socket.socket:
    """A socket that listens on `listen`, which the configuration has at `key`; ConfigError where that is impossible."""
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
        raise ConfigError("listen", [Problem(key, f"cannot listen on {listen}: {reason}")]) from None
    listener.setblocking(False)
    return listener


def _relax_collector() -> None:
    """Calls leave no cycles behind, so the garbage collector need not look after every 700 objects. What is there now stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()
