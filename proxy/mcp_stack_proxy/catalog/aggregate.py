"""Many servers as one: lists merged, names resolved, URIs in results made public."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import aclosing
from typing import TypeAlias

from .. import __version__
from ..errors import ProxyError
from ..upstream.peer import Answer, Call, Parts, Peer, Reply
from ..wire.bridge import legacy_result
from ..wire.envelope import Members, raw, string_of
from ..wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND, RESOURCE_NOT_FOUND, RpcError, UnknownTool
from ..wire.revisions import IS_MODERN, Era
from ..wire.task_ids import LEGACY_CAPABILITY, LIST, METHODS, MODERN_CAPABILITY, TaskIds
from .audiences import audience_of
from .cursors import cursor_of
from .kinds import KINDS
from .merged import MergedLists
from .names import Namespaces
from .offer import Introduction, Unsubscribe, Watchers
from .references import public_content_blocks, public_contents, public_messages, resolve_reference
from .task_book import TaskBook
from .task_lists import TaskLists, every
from .task_peer import inner_result, task_of, unknown_task

Routed: TypeAlias = tuple[str, Call]
"""A server, and a call in its own words."""

_CAPABILITIES = {
    "tools": raw({"listChanged": True}),
    "prompts": raw({"listChanged": True}),
    "resources": raw({"listChanged": True, "subscribe": True}),
    "completions": raw({}),
    "logging": raw({}),
    "tasks": LEGACY_CAPABILITY,
    "extensions": MODERN_CAPABILITY,
}
"""Fixed, so that an introduction waits for no server: each method is served, whatever the servers behind offer."""


class Aggregate:
    """An Offer of all servers. Names carry their server's namespace, so that a call is routed without asking anyone."""

    name: str | None = None

    def __init__(
        self,
        peers: Mapping[str, Peer],
        namespaces: Namespaces,
        lists: MergedLists,
        watchers: Watchers,
        tasks: TaskIds,
        book: TaskBook,
        *,
        title: str,
        instructions: str | None,
        offers: Callable[[str, str], bool] = every,
    ) -> None:
        """`offers`: see TaskLists."""
        self._peers = peers
        self._namespaces = namespaces
        self._lists = lists
        self._watchers = watchers
        self._tasks = tasks
        self._task_lists = TaskLists(book, peers, offers)
        text = None if instructions is None else raw(instructions)
        self._introduction = Introduction(_CAPABILITIES, raw({"name": title, "version": __version__}), text)

    async def introduce(self, deadline: float) -> Introduction:
        """See Offer."""
        return self._introduction

    async def subscribe(self, uri: str, told: Callable[[str], None], deadline: float, within: Call | None = None) -> Unsubscribe:
        """See Offer."""
        found = self.known_uri(uri)
        if found is None:
            raise RpcError(INVALID_PARAMS, "Resource not found", {"uri": uri})
        server, native = found
        try:
            return await self._peers[server].subscribe(
                native, lambda changed: told(self._namespaces.uri(server, changed)), deadline, within
            )
        except ProxyError as fault:
            fault.server = server
            raise

    def known_uri(self, public: str) -> tuple[str, str] | None:
        """Server and own URI of a resource; None where it is none of those that are offered."""
        return self._namespaces.resolve_uri(public)

    def told(self, session: Hashable, notification: bytes) -> None:
        """See Offer."""
        for peer in self._peers.values():
            peer.told(session, notification)

    def watch(self, changed: Callable[[str], None]) -> Unsubscribe:
        """See Offer."""
        return self._watchers.add(changed)

    async def call(self, call: Call) -> Reply:
        """See Offer."""
        method = call.method
        if (kind := KINDS.get(method)) is not None:
            audience = audience_of(call.capabilities, call.session)
            result = await self._lists.page(kind, cursor_of(call.params), call.deadline, audience)
            return Answer(result if call.era is Era.MODERN else legacy_result(result))
        if method == LIST and call.era is not IS_MODERN:
            return await self._task_lists.page(call)
        routed = self._route(call)
        server, native = routed if isinstance(routed, tuple) else await routed
        try:
            reply = await self._peers[server].call(native)
        except ProxyError as fault:
            fault.server = server
            raise
        except UnknownTool:
            raise UnknownTool(required(call.params, "name")) from None  # in the caller's words
        return self._public(reply, server, method) if isinstance(reply, Answer) else self._parts(reply, server, method)

    async def _parts(self, reply: Parts, server: str, method: str) -> Parts:
        try:
            async with aclosing(reply) as parts:
                async for part in parts:
                    yield self._public(part, server, method) if isinstance(part, Answer) else part
        except ProxyError as fault:
            fault.server = server
            raise

    def _route(self, call: Call) -> Routed | Awaitable[Routed]:
        """The server that a call is meant for, and the call under that server's own name; to be awaited where it is asked for."""
        if call.method in ("tools/call", "prompts/get"):
            public = required(call.params, "name")
            found = self._namespaces.resolve_name(public)
            if found is None:
                raise unknown_name(call, public)
            return found[0], call.called(found[1])
        if call.method == "resources/read":
            public = required(call.params, "uri")
            found = self._namespaces.resolve_uri(public)
            if found is None:
                raise not_found(call, public)
            return found[0], call.under("uri", raw(found[1]))
        if call.method == "completion/complete":
            server, reference = resolve_reference(call.params.get("ref"), self._namespaces)
            return server, call.under("ref", reference)
        if call.method in METHODS:
            server = self.known_task(task_of(call), call.subject)
            if server is None:
                raise unknown_task()
            return server, call
        raise RpcError(METHOD_NOT_FOUND, f"Method not found: {call.method}")

    def known_task(self, public: str, subject: str | None) -> str | None:
        """The server of a task of `subject`; None for what is nobody's, or another's."""
        found = self._tasks.resolve(public, subject)
        return found[0] if found is not None and found[0] in self._peers else None

    def _public(self, answer: Answer, server: str, method: str) -> Answer:
        """A result in which every URI is one that the client can ask for here."""
        value = answer.value
        if answer.is_error or (method != "resources/read" and bytes(value).find(b'"resource') < 0):
            return answer

        def uri(native: str) -> str:
            return self._namespaces.uri(server, native)

        if method == "resources/read":
            return Answer(public_contents(value, uri))
        if method == "tasks/get":
            return Answer(inner_result(value, lambda inner: public_content_blocks(inner, uri)))
        return Answer(public_messages(value, uri) if method == "prompts/get" else public_content_blocks(value, uri))


def required(params: Members, key: str) -> str:
    """The text `key` of a call's params."""
    value = string_of(params.get(key))
    if value is None:
        raise RpcError(INVALID_PARAMS, f"params.{key} must be a string")
    return value


def unknown_name(call: Call, public: str) -> RpcError:
    """There is no tool or prompt of that name."""
    return UnknownTool(public) if call.method == "tools/call" else RpcError(INVALID_PARAMS, f"Unknown prompt: {public}")


def not_found(call: Call, public: str) -> RpcError:
    """There is no resource with that URI."""
    code = INVALID_PARAMS if call.era is Era.MODERN else RESOURCE_NOT_FOUND
    return RpcError(code, "Resource not found", {"uri": public})
