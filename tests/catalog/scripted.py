"""Servers in this process that do what a test says, after the Peer protocol (upstream/peer.py), and what goes with them."""

import asyncio

from msgspec import Raw

from mcp_stack_proxy.catalog.kinds import KINDS
from mcp_stack_proxy.catalog.server_lists import ServerLists
from mcp_stack_proxy.config import Limits
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.peer import Answer, Call, Hello
from mcp_stack_proxy.wire.envelope import raw
from mcp_stack_proxy.wire.revisions import Era
from tests.deadlines import SOON

LIMITS = Limits(discovery_seconds=SOON, catalog_seconds=300)


class Clock:
    """Time that passes when a test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Server:
    """A peer. `pages[method]` is a list of results, or of faults to raise; `answers[method]` takes a Call and returns a Reply."""

    def __init__(self, *capabilities, **pages):
        self.capabilities = {name: Raw(b"{}") for name in capabilities or ("tools", "prompts", "resources")}
        self.server = self.instructions = self.fault = None
        self.pages = {next(kind.method for kind in KINDS.values() if kind.member == member): of for member, of in pages.items()}
        self.answers = {}
        self.calls = []
        self.followed = []
        self.said = []
        self.hellos = 0
        self.connected = False
        self.gate = asyncio.Event()
        """Nothing is answered before it is set."""
        self.gate.set()
        self._asked = asyncio.Event()

    def count(self, method):
        return sum(call.method == method for call in self.calls)

    async def asked(self, hellos):
        """Wait until it has been greeted so often."""
        async with asyncio.timeout(SOON):
            while self.hellos < hellos:
                self._asked.clear()
                await self._asked.wait()

    async def hello(self, deadline):
        self.hellos += 1
        self._asked.set()
        await self._open(deadline)
        if self.fault is not None:
            raise self.fault
        self.connected = True
        return Hello(Era.MODERN, "2026-07-28", self.capabilities, self.server, self.instructions)

    async def call(self, call):
        self.calls.append(call)
        await self._open(call.deadline)
        if (answer := self.answers.get(call.method)) is not None:
            return answer(call)
        kind = KINDS[call.method]
        number = int(bytes(call.params["cursor"])) if "cursor" in call.params else 0
        page = self.pages.get(call.method, [[]])[number]
        if isinstance(page, Exception):
            raise page
        result = {kind.member: page} if isinstance(page, list) else page
        if number + 1 < len(self.pages.get(call.method, [[]])):
            result = {"nextCursor": number + 1, **result}
        return Answer(raw(result))

    async def subscribe(self, uri, told, deadline, within=None):
        if self.fault is not None:
            raise self.fault
        self.followed.append((uri, told))
        return lambda: self.followed.remove((uri, told))

    def update(self, uri):
        """The resource `uri` changes."""
        for followed, told in tuple(self.followed):
            if followed == uri:
                told(uri)

    def told(self, session, notification):
        self.said.append((session, notification))

    async def _open(self, deadline):
        try:
            async with asyncio.timeout_at(deadline):
                await self.gate.wait()
        except TimeoutError:
            raise UpstreamError(Reason.TIMEOUT, "did not answer in time") from None

    async def aclose(self, grace):
        self.connected = False


def listed(*names, **more):
    """Items with these names."""
    return [{"name": name, **more} for name in names]


def answering(value):
    """An answer for `Server.answers`."""
    return lambda _call: Answer(value if isinstance(value, Raw) else raw(value))


def refusing(code, message, data=None):
    """An error for `Server.answers`."""
    error = {"code": code, "message": message} | ({} if data is None else {"data": data})
    return lambda _call: Answer(raw(error), is_error=True)


def lists_of(server, tasks, *, clock=None, limits=LIMITS, prefix="a"):
    """Lists of `server` under the public names `{prefix}/{name}`."""
    clock = clock or Clock()
    return ServerLists(server, lambda _kind, key: f"{prefix}/{key}", limits, tasks, prefix, clock=clock)


def call(method, era=Era.MODERN, /, **params):
    return Call(method, {name: raw(value) for name, value in params.items()}, era, soon())


def soon():
    return asyncio.get_running_loop().time() + SOON
