"""A call's way into its server's era and back."""

import msgspec
from msgspec import Raw

from ..errors import Reason, UpstreamError
from ..wire import bridge, questions
from ..wire.envelope import Members, Message, raw, string_of
from ..wire.errors import METHOD_NOT_FOUND, RpcError
from ..wire.revisions import LOG_LEVELS, Era
from ..wire.task_ids import METHODS, STATUS, is_created
from ..wire.trace import in_meta
from .peer import Answer, Call, Notification

LIST_CHANGED = {f"notifications/{kind}/list_changed": kind for kind in ("tools", "prompts", "resources")}
"""Notification -> the kind of list that it declares stale."""

UPDATED = "updated "
"""What the change of one resource is called among the kinds of lists that changed: this, and its URI."""


def params_for(call: Call, era: Era) -> Members:
    """The call's params as a server of `era` expects them, with the trace context of its headers where they have none."""
    params = in_meta(call.params, call.headers) if call.headers else call.params
    if call.era is era:
        return params
    if call.method in METHODS:
        raise RpcError(METHOD_NOT_FOUND, f"Method not found: {call.method}: the server has no tasks of the caller's revision")
    if call.method == "tools/call" and "task" in params:  # which a server that knows none would overlook, too
        params = {key: value for key, value in params.items() if key != "task"}
    if era is Era.MODERN:
        return bridge.modern_params(params, call.client, call.log_level, call.capabilities)
    return bridge.legacy_params(params)


def answer_for(call: Call, era: Era, message: Message) -> Answer:
    """A server's response, as the caller's era has it.

    InputRequired where a legacy caller has to be asked before there is one; RpcError where a modern caller would have to be, and
    cannot.
    """
    if (error := message.error) is not None:
        if call.era is era:
            return Answer(error, is_error=True)
        if era is Era.LEGACY and questions.is_url_required(error):
            return _visit(call, error)
        bridged = bridge.legacy_error if era is Era.MODERN else bridge.modern_error
        return Answer(bridged(call.method, error), is_error=True)
    result = message.result
    if call.era is era:
        return Answer(result)
    if era is Era.LEGACY:
        return Answer(bridge.modern_result(call.method, result))
    if is_created(result):
        raise UpstreamError(Reason.INVALID, "answers with a task, which the client has not declared")
    if bridge.needs_input(result):
        if call.method not in questions.MAY_ASK:
            raise UpstreamError(Reason.INVALID, f"requires input for {call.method}, which is not asked for any")
        raise questions.wanted(result)
    return Answer(bridge.legacy_result(result))


def _visit(call: Call, error: Raw) -> Answer:
    """A call that waits for a URL to be visited, as a modern caller is told so."""
    if call.method not in questions.MAY_ASK:
        return Answer(error, is_error=True)
    asked = questions.url_required(error, call.capabilities)
    if isinstance(asked, RpcError):
        raise asked
    return Answer(asked)


def with_token(params: Members, token: int) -> tuple[Members, Raw | None]:
    """`params` with the caller's progress token replaced by `token`, and the caller's own, None where it wants no progress."""
    if "_meta" not in params:
        return params, None
    meta = bridge.meta_of(params)
    if (own := meta.get("progressToken")) is None:
        return params, None
    return {**params, "_meta": raw({**meta, "progressToken": token})}, own


def change_in(message: Message) -> str | None:
    """What changed, by a notification that concerns no call: a kind of list, or UPDATED and a URI; None for any other."""
    if message.method in LIST_CHANGED:
        return LIST_CHANGED[message.method]
    if message.method == "notifications/resources/updated":
        uri = string_of((unchanged(message).params or {}).get("uri"))
        return None if uri is None else UPDATED + uri
    return None


def error_in(answer: Message) -> RpcError | None:
    """The error of a response, for a client that is answered by us."""
    return None if (error := answer.error) is None else error_of(error)


def error_of(error: Raw) -> RpcError:
    """A server's error, for a client that is answered by us."""
    try:
        return msgspec.json.decode(error, type=_Error).told()
    except (msgspec.DecodeError, RecursionError):
        raise UpstreamError(Reason.INVALID, "answered with an error that is none") from None


_ABSENT = Raw()


class _Error(msgspec.Struct):
    code: int
    message: str
    data: Raw = _ABSENT
    """Any JSON: servers of the Python SDK 2 put the name of an unknown method there."""

    def told(self) -> RpcError:
        return RpcError(self.code, self.message, None if self.data is _ABSENT else self.data)


def unchanged(message: Message) -> Notification:
    """A notification as it came; UpstreamError for one that is none."""
    try:
        return Notification(message.method or "", None if message.given is None else message.params())
    except RpcError as error:
        raise UpstreamError(Reason.INVALID, f"sent a notification that is none: {error.message}") from None


def notification_for(call: Call, message: Message, token: Raw | None) -> Notification | None:
    """A notification that came with the call's answer, with the caller's progress token; None where the caller must not see it."""
    if message.method == STATUS and call.method not in METHODS:  # perhaps it is another caller's task
        return None
    notification = unchanged(message)
    params = notification.params or {}
    if message.method == "notifications/progress":
        if token is None:
            return None
        return Notification("notifications/progress", {**params, "progressToken": token})
    if message.method == "notifications/message" and not bridge.is_logged(string_of(params.get("level")), call.log_level):
        return None
    return notification


def more_verbose(wanted: str, current: str | None) -> bool:
    """Whether log level `wanted` lets more through than `current`."""
    return current is None or LOG_LEVELS.index(wanted) < LOG_LEVELS.index(current)
