"""Cursors of merged lists: the last item given out, so that a list may change between two pages without one being skipped."""

import base64
from typing import Annotated

import msgspec

from ..wire.envelope import Members, string_of
from ..wire.errors import INVALID_PARAMS, RpcError


class Cursor(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Position in a merged list: after the item `key` of `server`."""

    server: str
    key: str
    before: Annotated[int, msgspec.Meta(ge=0)]
    """Items before it with the same key: a server that gives one twice must not send a client round in circles."""


_decoder = msgspec.json.Decoder(Cursor)


def encode_cursor(cursor: Cursor) -> str:
    """Opaque text for a client."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """The position that a client hands back; RpcError INVALID_PARAMS for anything that was never handed out in this form."""
    try:
        cursor = _decoder.decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except ValueError:  # base64, UTF-8 and JSON all raise a kind of it
        raise bad_cursor() from None
    if encode_cursor(cursor) != text:
        raise bad_cursor()
    return cursor


def cursor_of(params: Members) -> str | None:
    """The cursor that a request for a list brings; None for one for the first page."""
    if "cursor" not in params or bytes(params["cursor"]) == b"null":
        return None
    cursor = string_of(params["cursor"])
    if cursor is None:
        raise RpcError(INVALID_PARAMS, "params.cursor must be a string")
    return cursor


def bad_cursor() -> RpcError:
    """The cursor is none of ours, or its place in the list no longer exists."""
    return RpcError(INVALID_PARAMS, "unknown cursor; begin again with the first page")
