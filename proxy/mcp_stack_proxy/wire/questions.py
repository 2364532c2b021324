"""What a server asks of the client while it works on a call: a request of its own (legacy), or an incomplete result (modern).

In the proxy a question has the legacy form, a method and its params, and is translated for whoever has another.
Sources: 2025-11-25, client/{sampling,elicitation,roots}; 2026-07-28, basic/patterns/mrtr and client/*.
"""

import functools
import uuid
from dataclasses import dataclass

from msgspec import DecodeError, Raw

from ..errors import Reason, UpstreamError
from .envelope import Members, encode, members_of, objects_of, raw, string_of
from .errors import INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_CAPABILITY, URL_REQUIRED, RpcError
from .task_ids import EXTENSION

CAPABILITY = {"sampling/createMessage": "sampling", "elicitation/create": "elicitation", "roots/list": "roots"}
"""Question -> the capability that a client declares who answers it."""

MAY_ASK = frozenset({"tools/call", "prompts/get", "resources/read"})
"""Calls that a modern server may answer with questions, and that a modern client knows how to send again."""

RETRY = ("inputResponses", "requestState")
"""Params that a retry adds to the call."""

_EMPTY = Raw(b"{}")


@dataclass(slots=True, eq=False)
class InputRequired(Exception):
    """A modern result that is no answer yet."""

    requests: dict[str, tuple[str, Members]]
    """Key -> question."""
    state: Raw | None
    """To be handed back as it is."""


# --- who may be asked what


@functools.lru_cache(maxsize=256)  # clients of one kind declare the same, the modern ones with every request
def declared(capabilities: bytes) -> Members:
    """Capabilities of a client that can be asked something; empty for one that cannot, whatever else it can. Not to be changed."""
    members = {name: value for name, value in _object(Raw(capabilities)).items() if bytes(value) != b"null"}
    return members if any(name in members for name in CAPABILITY.values()) else {}


def refusal(method: str, params: Members, capabilities: Members) -> RpcError | None:
    """What a server gets to hear that asks what a client with `capabilities` has not declared; None for a question that it has.

    A missing capability is a method that is not there; a mode or tool use that is missing, a wrong parameter.
    """
    declared = capabilities.get(CAPABILITY.get(method, ""))
    if declared is None:
        return RpcError(METHOD_NOT_FOUND, f"the client has not declared what {method} needs")
    parts = _object(declared)
    if method == "elicitation/create":
        mode = string_of(params["mode"]) if "mode" in params else "form"
        if mode not in parts and not (mode == "form" and "url" not in parts):
            return RpcError(INVALID_PARAMS, f"the client has not declared elicitation.{mode}")
    if method == "sampling/createMessage" and "tools" not in parts and ("tools" in params or "toolChoice" in params):
        return RpcError(INVALID_PARAMS, "the client has not declared sampling.tools")
    return None


def modern_capabilities(capabilities: Members) -> Members:
    """A legacy client's capabilities as a modern server knows them: its tasks, and news of its roots, have no equivalent."""
    kept = {name: value for name, value in capabilities.items() if name != "tasks"}
    if "roots" in kept:
        kept["roots"] = _without(kept["roots"], "listChanged")
    if "extensions" in kept:
        kept["extensions"] = _without(kept["extensions"], EXTENSION)
    return kept


def legacy_capabilities(capabilities: Members) -> Members:
    """A client's capabilities as a legacy server is told them: without what only messages that are not passed on would use."""
    return {name: value for name, value in capabilities.items() if name not in ("tasks", "extensions")}


# --- questions of legacy servers for modern clients


def input_required(questions: dict[str, tuple[str, Members]], state: str | None) -> Raw:
    """The result by which a modern client is asked all `questions`."""
    requests = {key: _modern(method, params) for key, (method, params) in questions.items()}
    result: dict[str, object] = {"resultType": "input_required", "inputRequests": requests}
    if state is not None:
        result["requestState"] = state
    return raw(result)


def input_responses(params: Members) -> Members:
    """Answers in the retry of a modern client; empty where there are none, RpcError for what is no map."""
    if "inputResponses" not in params:
        return {}
    try:
        return members_of(params["inputResponses"])
    except DecodeError:
        raise RpcError(INVALID_PARAMS, "params.inputResponses must be an object") from None


def url_required(error: Raw, capabilities: Members) -> Raw | RpcError:
    """A legacy server's error -32042 for a modern client, who has to be asked: the call itself is over, and its retry a new one.

    RpcError -32021 for a client that cannot be sent to a URL (2026-07-28, basic/index, error codes).
    """
    members = _object(error)
    data = _object(members.get("data", _EMPTY))
    try:
        elicitations = objects_of(data.get("elicitations", Raw(b"[]")))
    except DecodeError:
        elicitations = []
    if not elicitations:
        raise UpstreamError(Reason.INVALID, "asks for a URL to be visited, and names none")
    if any(refusal("elicitation/create", {**asked, "mode": raw("url")}, capabilities) is not None for asked in elicitations):
        message = string_of(members.get("message")) or "the client has to visit a URL"
        return RpcError(MISSING_CAPABILITY, message, {"requiredCapabilities": {"elicitation": {"url": {}}}})
    return input_required({f"url-{n}": ("elicitation/create", asked) for n, asked in enumerate(elicitations, 1)}, None)


def is_url_required(error: Raw) -> bool:
    """Whether `error` is the one of 2025-11-25 by which a call waits for a URL to be visited."""
    code = b"%d" % URL_REQUIRED
    return code in bytes(error) and bytes(_object(error).get("code", b"")) == code


# --- questions of modern servers for legacy clients


def wanted(result: Raw) -> InputRequired:
    """The questions in a modern result; UpstreamError for one that asks nothing that can be answered."""
    members = _object(result)
    state = members.get("requestState")
    requests: dict[str, tuple[str, Members]] = {}
    for key, request in _object(members.get("inputRequests", _EMPTY)).items():
        asked = _object(request)
        method = string_of(asked.get("method")) or ""
        if method not in CAPABILITY:
            raise UpstreamError(Reason.INVALID, f"asks the client for {method or 'nothing'!r}, which no client knows")
        requests[key] = (method, _legacy(method, _object(asked.get("params", _EMPTY))))
    if not requests and state is None:
        raise UpstreamError(Reason.INVALID, "requires input, and says not which")
    return InputRequired(requests, state)


def retried(params: Members, responses: Members, state: Raw | None) -> Members:
    """Params of the call that is sent again with the answers."""
    again = {key: value for key, value in params.items() if key not in RETRY}
    if responses:
        again["inputResponses"] = Raw(encode(responses))
    if state is not None:
        again["requestState"] = state
    return again


def _modern(method: str, params: Members) -> dict[str, object]:
    """Ids and progress of a request that is none any more are left out."""
    kept = {key: value for key, value in params.items() if key not in ("elicitationId", "task", "_meta")}
    if "_meta" in params and bytes(meta := _without(params["_meta"], "progressToken")) != b"{}":
        kept["_meta"] = meta
    return {"method": method, "params": kept} if kept else {"method": method}


def _legacy(method: str, params: Members) -> Members:
    """A URL to visit needs an id in the legacy revision, by which its end could be told."""
    if method == "elicitation/create" and string_of(params.get("mode")) == "url" and "elicitationId" not in params:
        return {**params, "elicitationId": raw(str(uuid.uuid4()))}
    return params


def _without(value: Raw, key: str) -> Raw:
    members = _object(value)
    return Raw(encode({name: kept for name, kept in members.items() if name != key})) if key in members else value


def _object(value: Raw) -> Members:
    """`value` as an object; empty where it is none: what is declared by `true` declares no parts."""
    try:
        return members_of(value)
    except DecodeError:
        return {}
