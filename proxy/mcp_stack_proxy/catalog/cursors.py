"""Cursors of merged lists: the last item given out, so that a list may change between two pages without one being skipped."""

import base64
import binascii

import msgspec

from ..wire.errors import INVALID_PARAMS, RpcError


class Cursor(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Position in a merged list: after the item `key` of `server`."""

    server: str
    key: str


_decoder = msgspec.json.Decoder(Cursor)
_MAX = 8192


def encode_cursor(cursor: Cursor) -> str:
    """Opaque text for a client."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """The position that a client hands back; RpcError INVALID_PARAMS for anything that was never handed out in this form."""
    if len(text) > _MAX:
        raise bad_cursor()
    try:
        return _decoder.decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise bad_cursor() from None


def bad_cursor() -> RpcError:
    """The cursor is none of ours, or its place in the list no longer exists."""
    return RpcError(INVALID_PARAMS, "unknown cursor; begin again with the first page")
