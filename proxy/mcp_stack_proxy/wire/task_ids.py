"""Ids of a server's tasks as clients know them, and where ids stand in messages.

A server takes us for one client and cannot tell our callers apart. Who has said who it is gets ids that are sealed for it alone;
for others the rule holds that ids are hard to guess (2025-11-25, basic/utilities/tasks, security considerations).
"""

from collections.abc import Callable
from typing import TypeAlias

from msgspec import DecodeError, Raw, Struct

from .envelope import Members, encode, members_of, raw, string_of
from .sealing import Keyring, Seal

EXTENSION = "io.modelcontextprotocol/tasks"
"""Tasks of the modern wire: an extension that a client declares with each request (SEP-2663)."""
_DECLARED = EXTENSION.encode()
RELATED = "io.modelcontextprotocol/related-task"
STATUS = "notifications/tasks/status"

LEGACY_METHODS = ("tasks/get", "tasks/result", "tasks/cancel")
MODERN_METHODS = ("tasks/get", "tasks/update", "tasks/cancel")
METHODS = frozenset((*LEGACY_METHODS, *MODERN_METHODS))
"""All that name a task."""
LIST = "tasks/list"
"""Legacy alone, and never asked of a server: it would list the tasks of all our callers."""

_NOTHING = Raw(b"{}")

LEGACY_CAPABILITY = raw({"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}})
MODERN_CAPABILITY = raw({EXTENSION: {}})

_SEPARATOR = "+"

Rename: TypeAlias = Callable[[str], str]


class _Task(Struct, frozen=True, array_like=True):
    server: str
    native: str
    subject: str


class TaskIds:
    """Public ids: `{server}+{id}`, or sealed for whoever is known."""

    def __init__(self, keys: Keyring) -> None:
        self._seal = Seal(keys, "task", _Task)

    def public(self, server: str, native: str, subject: str | None) -> str:
        """What `subject` calls the task `native` of `server`."""
        return f"{server}{_SEPARATOR}{native}" if subject is None else self._seal.seal(_Task(server, native, subject))

    def resolve(self, public: str, subject: str | None) -> tuple[str, str] | None:
        """Server and its own id of the task; None for one that is nobody's, or another's."""
        if subject is not None:
            task = self._seal.open(public)
            return None if task is None or task.subject != subject else (task.server, task.native)
        server, found, native = public.partition(_SEPARATOR)
        return (server, native) if found else None


def wants_task(params: Members, *, modern: bool) -> bool:
    """Whether a call of a tool may be answered with a task: asked for in the legacy way, or declared in the modern one."""
    if not modern:
        return "task" in params
    return "_meta" in params and declares_tasks(bytes(params["_meta"]))


def declares_tasks(meta: bytes) -> bool:
    """Whether a modern request's metadata may declare the extension."""
    return _DECLARED in meta


def is_created(result: Raw) -> bool:
    """Whether a modern result is a task in place of a result."""
    return b'"task"' in bytes(result) and string_of(_object(result).get("resultType")) == "task"


def created(result: Raw) -> Members:
    """The task that a legacy call has been answered with; empty where it was answered with its result."""
    return _object(_object(result).get("task", Raw(b"null")))


def in_result(method: str, result: Raw, rename: Rename) -> Raw:
    """The result of `method` with another id wherever it names its task."""
    members = _object(result)
    changed = in_meta(members, rename)
    if "taskId" in members and (method != "tools/call" or string_of(members.get("resultType")) == "task"):
        changed = _renamed(changed, rename)
    if method == "tools/call" and "task" in members:
        changed = {**changed, "task": Raw(encode(_renamed(_object(members["task"]), rename)))}
    return result if changed is members else Raw(encode(changed))


def in_meta(members: Members, rename: Rename) -> Members:
    """Members whose `_meta` names the task that they belong to otherwise; themselves where it names none."""
    if "_meta" not in members or RELATED.encode() not in bytes(members["_meta"]):
        return members
    meta = _object(members["_meta"])
    if RELATED not in meta:
        return members
    return {**members, "_meta": Raw(encode({**meta, RELATED: Raw(encode(_renamed(_object(meta[RELATED]), rename)))}))}


def for_modern(capabilities: Members) -> Members:
    """What is offered to modern clients: tasks of the legacy core are none of theirs."""
    return {name: value for name, value in capabilities.items() if name != "tasks"}


def for_legacy(capabilities: Members) -> Members:
    """What is offered to legacy clients, without the modern extension. Whoever has tasks has a list of them, which is kept here."""
    kept = dict(capabilities)
    if EXTENSION in (extensions := _object(kept.get("extensions", Raw(b"null")))):
        del extensions[EXTENSION]
        kept["extensions"] = Raw(encode(extensions))
        if not extensions:
            del kept["extensions"]
    if (tasks := _object(kept.get("tasks", Raw(b"null")))) and "list" not in tasks:
        kept["tasks"] = Raw(encode({**tasks, "list": _NOTHING}))
    return kept


def _renamed(members: Members, rename: Rename) -> Members:
    native = string_of(members.get("taskId"))
    return members if native is None else {**members, "taskId": raw(rename(native))}


def _object(value: Raw) -> Members:
    try:
        return members_of(value)
    except DecodeError:
        return {}
