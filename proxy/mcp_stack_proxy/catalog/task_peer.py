"""A server whose tasks are known to each client under ids of its own, for clients and servers of one era.

Tasks of the legacy core (2025-11-25, basic/utilities/tasks) and of the modern extension (SEP-2663) are not translated.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

from msgspec import Raw
from msgspec.structs import replace

from ..upstream.around import PeerAround
from ..upstream.peer import Answer, Call, Notification, Part, Parts, Peer, Question, Reply
from ..wire.envelope import Members, encode, members_of, raw, string_of
from ..wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND, RpcError
from ..wire.revisions import IS_MODERN, Era
from ..wire.task_ids import LIST, METHODS, STATUS, Rename, TaskIds, created, in_meta, in_result, wants_task
from .task_book import Made, TaskBook, owner_of
from .task_lists import TaskLists


class TaskPeer(PeerAround):
    """A Peer whose calls name tasks as `ids` has them."""

    def __init__(self, name: str, peer: Peer, ids: TaskIds, book: TaskBook) -> None:
        """`book` is where those are noted that can be listed."""
        self._name = name
        super().__init__(peer)
        self._ids = ids
        self._book = book
        self._lists = TaskLists(book, {name: self})

    def call(self, call: Call) -> Awaitable[Reply]:
        """See Peer."""
        if call.method == "tools/call":
            if call.bare or not wants_task(call.params, modern=call.era is IS_MODERN):
                return self._peer.call(call)
            return self._creating(call)
        if call.method in METHODS:
            return self._of_task(call)
        if call.method == LIST and call.era is Era.LEGACY:
            return self._list(call)
        return self._peer.call(call)

    async def _list(self, call: Call) -> Reply:
        """Not asked of the server, which cannot tell our callers apart."""
        hello = await self.hello(call.deadline)
        if hello.era is not Era.LEGACY or "tasks" not in hello.capabilities:
            raise RpcError(METHOD_NOT_FOUND, f"Method not found: {LIST}")
        return await self._lists.page(call)

    async def _creating(self, call: Call) -> Reply:
        def public(native: str) -> str:
            return self._ids.public(self._name, native, call.subject)

        names = _Names(public, lambda given: self._native(given, call.subject))
        if call.era is Era.LEGACY:
            names.made = lambda task: self._note(call, task)
        return self._renamed(call, await self._peer.call(call), names)

    def _note(self, call: Call, task: Members) -> None:
        public, tool = string_of(task.get("taskId")), string_of(call.params.get("name"))
        if public is not None:
            made = Made(self._name, tool or "", public, string_of(task.get("createdAt")) or "")
            self._book.note(owner_of(call), made)

    async def _of_task(self, call: Call) -> Reply:
        given = task_of(call)
        native = self._native(given, call.subject)
        if native is None:
            raise unknown_task()

        def public(named: str) -> str:
            """The caller's own word for its task: each sealed id of it is another."""
            return given if named == native else self._ids.public(self._name, named, call.subject)

        names = _Names(public, lambda named: self._native(named, call.subject))
        return self._renamed(call, await self._peer.call(call.under("taskId", raw(native))), names, native)

    def _native(self, public: str, subject: str | None) -> str | None:
        found = self._ids.resolve(public, subject)
        return found[1] if found is not None and found[0] == self._name else None

    def _renamed(self, call: Call, reply: Reply, names: "_Names", native: str | None = None) -> Reply:
        return names.answer(call.method, reply) if isinstance(reply, Answer) else self._parts(call, reply, names, native)

    async def _parts(self, call: Call, reply: Parts, names: "_Names", native: str | None) -> Parts:
        async with aclosing(reply) as parts:
            async for part in parts:
                if (named := _part(call, part, names, native)) is not None:
                    yield named


class _Names:
    """Both directions of the ids in one call."""

    def __init__(self, public: Rename, native: Callable[[str], str | None]) -> None:
        self.public = public
        self._native = native
        self.made: Callable[[Members], None] | None = None
        """Told the task that a call was answered with, under its public id."""

    def answer(self, method: str, answer: Answer) -> Answer:
        if answer.is_error:
            return answer
        named = Answer(in_result(method, answer.value, self.public))
        if self.made is not None and (task := created(named.value)):
            self.made(task)
        return named

    def answering(self, tell: Callable[[Answer], None]) -> Callable[[Answer], None]:
        """Takes what the client answers to a question of its task, and tells it as the server expects it."""

        def answered(answer: Answer) -> None:
            named = answer if answer.is_error else Answer(in_result("", answer.value, lambda given: self._native(given) or given))
            tell(named)

        return answered


def _part(call: Call, part: Part, names: _Names, native: str | None) -> "Part | None":
    if isinstance(part, Answer):
        return names.answer(call.method, part)
    if isinstance(part, Question):
        return replace(part, params=in_meta(part.params, names.public), answer=names.answering(part.answer))
    params = part.params or {}
    if part.method == STATUS:
        named = string_of(params.get("taskId"))
        return None if named is None or named != native else Notification(STATUS, {**params, "taskId": raw(names.public(named))})
    changed = in_meta(params, names.public)
    return part if changed is params else Notification(part.method, changed)


def task_of(call: Call) -> str:
    """The task that a call names; RpcError where it names none."""
    given = string_of(call.params.get("taskId"))
    if given is None:
        raise RpcError(INVALID_PARAMS, "params.taskId must be a string")
    return given


def unknown_task() -> RpcError:
    """There is no such task, or none of this caller: both look the same."""
    return RpcError(INVALID_PARAMS, "Unknown task")


def inner_result(result: Raw, change: Callable[[Raw], Raw]) -> Raw:
    """The result of a task's call, which stands within that of a modern `tasks/get` once it is done, changed."""
    members: Members = members_of(result)
    return Raw(encode({**members, "result": change(members["result"])})) if "result" in members else result
