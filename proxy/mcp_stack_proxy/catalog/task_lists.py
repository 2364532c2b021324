"""`tasks/list` (2025-11-25, basic/utilities/tasks): the caller's own tasks, of all servers that have any, as they are now.

The order is that of their making, which every replica can tell from the tasks themselves: one cursor is good at all of them.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from ..errors import ProxyError, Reason, UpstreamError
from ..upstream.peer import Answer, Call, Peer, answer_of
from ..wire.envelope import Members, encode, members_of, objects_of, raw, string_of
from ..wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND, RpcError
from .cursors import Cursor, bad_cursor, cursor_of, decode_cursor, encode_cursor
from .merged import META_PARTIAL, partial
from .task_book import Made, TaskBook, owner_of

PAGE = 50
"""Tasks of one page. Each costs its server a question."""

GONE = (INVALID_PARAMS, METHOD_NOT_FOUND)
"""Codes for a task that a server has forgotten, and of one that has no tasks any more."""


def every(_server: str, _tool: str) -> bool:
    """All tools are offered."""
    return True


class TaskLists:
    """The lists at one endpoint."""

    def __init__(self, book: TaskBook, peers: Mapping[str, Peer], offers: Callable[[str, str], bool] = every) -> None:
        """`offers` says whether a tool of a server is there for clients of this endpoint: the tasks of others are not."""
        self._book = book
        self._peers = peers
        self._offers = offers

    async def page(self, call: Call) -> Answer:
        """Answer to `call`, a `tasks/list`. A server that fails stands in `_meta`, as it does for other lists."""
        after = _after(call)
        made = [one for one in self._book.of(owner_of(call)) if one.server in self._peers and self._offers(one.server, one.tool)]
        left = sorted((place, one) for one in made if (place := _place(one.created, one.public)) > after)
        found = await asyncio.gather(*(self._state(call, one) for _, one in left[:PAGE]))
        tasks = [state for state in found if isinstance(state, bytes)]
        faults = {fault.server: fault for fault in found if isinstance(fault, ProxyError)}
        failed = [partial(fault.server, fault) for fault in faults.values()]
        return Answer(_page(tasks, left[PAGE - 1][0] if len(left) > PAGE else None, failed))

    async def _state(self, call: Call, made: Made) -> bytes | ProxyError | None:
        """The task as its server has it; None where it is no more."""
        asked = replace(call, method="tasks/get", params={"taskId": raw(made.public)})
        try:
            answer = await answer_of(await self._peers[made.server].call(asked))
            if not answer.is_error:
                return encode({name: value for name, value in members_of(answer.value).items() if name != "_meta"})
            code = bytes(members_of(answer.value).get("code", b""))
            gone = code in [b"%d" % one for one in GONE]
        except ProxyError as fault:
            fault.server = made.server
            return fault
        except RpcError as error:
            gone = error.code in GONE
        except msgspec.DecodeError:
            gone = False
        if gone:
            self._book.forget(owner_of(call), made.public)
            return None
        fault = UpstreamError(Reason.INVALID, "does not say what became of a task")
        fault.server = made.server
        return fault


def together(pages: Sequence[Raw], missing: Sequence[ProxyError]) -> Raw:
    """One page of those that several replicas have answered with; `missing` are the faults of those that have not."""
    tasks: list[tuple[str, Members]] = []
    failed = [partial(fault.server, fault) for fault in missing]
    bounds: list[str] = []
    for page in pages:
        members = members_of(page)
        tasks += [(_place(_text(task, "createdAt"), _text(task, "taskId")), task) for task in objects_of(members["tasks"])]
        if (following := string_of(members.get("nextCursor"))) is not None:
            bounds.append(decode_cursor(following).key)
        if "_meta" in members:
            failed += objects_of(members_of(members["_meta"])[META_PARTIAL])
    tasks.sort(key=lambda placed: placed[0])
    if len(tasks) > PAGE:
        bounds.append(tasks[PAGE - 1][0])
    bound = min(bounds, default=None)
    return _page([encode(task) for place, task in tasks if bound is None or place <= bound], bound, failed)


def _page(tasks: Sequence[bytes], bound: str | None, failed: Sequence[Members]) -> Raw:
    result: dict[str, object] = {"tasks": Raw(b"[" + b",".join(tasks) + b"]")}
    if bound is not None:
        result["nextCursor"] = encode_cursor(Cursor("", bound, 0))
    if failed:
        result["_meta"] = {META_PARTIAL: failed}
    return Raw(encode(result))


def _after(call: Call) -> str:
    text = cursor_of(call.params)
    if text is None:
        return ""
    cursor = decode_cursor(text)
    if cursor.server or cursor.before or not cursor.key:
        raise bad_cursor()
    return cursor.key


def _place(created: str, public: str) -> str:
    """Where a task stands in the list: behind those made before it. Ids tell apart what was made at one time."""
    return f"{created} {public}"


def _text(task: Members, name: str) -> str:
    return string_of(task.get(name)) or ""
