"""How a conversation with a server begins: what is sent, and what its answer says.

Sources: 2025-11-25, basic/lifecycle; 2026-07-28, basic/versioning.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from .. import __version__
from ..errors import Reason, UpstreamError
from ..wire.bridge import NO_CAPABILITIES, modern_params
from ..wire.envelope import Members, Message, members_of, raw, string_of
from ..wire.errors import UNSUPPORTED_VERSION
from ..wire.revisions import HANDSHAKE, LATEST_HANDSHAKE, META_SERVER, MODERN, Era
from .peer import Caller, Hello

OURSELVES = raw({"name": "mcp-stack-proxy", "version": __version__})


class _Error(msgspec.Struct):
    code: int
    data: Raw = Raw(b"null")


class _Supported(msgspec.Struct):
    supported: list[str]


def discover_params() -> Members:
    """Params of a `server/discover` of ours."""
    return modern_params({}, OURSELVES, None)


def listen_params(kinds: Sequence[str]) -> Members:
    """Params of a `subscriptions/listen` of ours."""
    return {**discover_params(), "notifications": raw({f"{kind}ListChanged": True for kind in kinds})}


def updates_params(uri: str) -> Members:
    """Params of a `subscriptions/listen` of ours for changes of one resource."""
    return {**discover_params(), "notifications": raw({"resourceSubscriptions": [uri]})}


def initialize_params(caller: Caller | None = None) -> Members:
    """Params of an `initialize` of ours, for a session that is `caller`'s alone.

    Without one there are no capabilities: many callers share the session, so that a question of the server would have no addressee.
    """
    if caller is None:
        return {"protocolVersion": raw(LATEST_HANDSHAKE), "capabilities": NO_CAPABILITIES, "clientInfo": OURSELVES}
    return {
        "protocolVersion": raw(LATEST_HANDSHAKE),
        "capabilities": raw(caller.capabilities),
        "clientInfo": caller.client or OURSELVES,
    }


def hello_of_discover(answer: Message) -> Hello | None:
    """What a modern server says of itself; None for one that is asked in vain, and so must be legacy."""
    if answer.error is not None:
        supported = supported_versions(answer)
        if supported and not any(version in HANDSHAKE for version in supported):
            raise UpstreamError(Reason.UNSUPPORTED, f"speaks only the revisions {', '.join(supported)}")
        return None
    try:
        result = members_of(answer.result)
        versions = msgspec.json.decode(result["supportedVersions"], type=list[str])
        capabilities = members_of(result.get("capabilities", NO_CAPABILITIES))
        meta = members_of(result.get("_meta", NO_CAPABILITIES))
    except (KeyError, msgspec.DecodeError):
        return None
    spoken = [version for version in MODERN if version in versions]
    if not spoken:
        return None
    return Hello(Era.MODERN, spoken[-1], capabilities, meta.get(META_SERVER), result.get("instructions"))


def hello_of_initialize(answer: Message) -> Hello:
    """What a legacy server says of itself; UpstreamError for one that refuses or speaks a revision nobody knows."""
    try:
        result = members_of(answer.result)
        capabilities = members_of(result.get("capabilities", NO_CAPABILITIES))
    except msgspec.DecodeError:
        raise UpstreamError(Reason.INVALID, "refused to initialize") from None
    version = string_of(result.get("protocolVersion"))
    if version not in HANDSHAKE:
        raise UpstreamError(Reason.UNSUPPORTED, f"speaks revision {version!r}, known are {', '.join(HANDSHAKE)}")
    return Hello(Era.LEGACY, version, capabilities, result.get("serverInfo"), result.get("instructions"))


def supported_versions(answer: Message) -> list[str]:
    """Versions that an error names because it knows no other; empty for any other message."""
    if answer.error is None:
        return []
    try:
        error = msgspec.json.decode(answer.error, type=_Error)
        if error.code != UNSUPPORTED_VERSION:
            return []
        return msgspec.json.decode(error.data, type=_Supported).supported
    except (msgspec.DecodeError, RecursionError):
        return []
