"""Arrays of messages, which one revision allowed (2025-03-26, basic, batching) and the next took back."""

import msgspec
from msgspec import Raw

from .envelope import Message, decode_message
from .errors import INVALID_REQUEST, PARSE_ERROR, RpcError

REVISION = "2025-03-26"
MAX_BATCH = 1000
"""Messages in one array: all of them are at work at once."""

_array = msgspec.json.Decoder(list[Raw])
_encoder = msgspec.json.Encoder()


def is_batch(body: bytes) -> bool:
    """Whether `body`, if it is JSON, is an array."""
    return body.lstrip(b" \t\r\n")[:1] == b"["


def decode_batch(body: bytes) -> list[Message | RpcError]:
    """The messages in `body`, and in the place of what is none the error that answers it (JSON-RPC 2.0, section 6).

    RpcError where the whole is refused: it is empty, too long, or has the one request that must not be in it.
    """
    try:
        parts = _array.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise RpcError(PARSE_ERROR, "the body is not valid JSON") from None
    if not parts:
        raise RpcError(INVALID_REQUEST, "a batch has at least one message")
    if len(parts) > MAX_BATCH:
        raise RpcError(INVALID_REQUEST, f"a batch has at most {MAX_BATCH} messages, this one has {len(parts)}")
    messages = [_message(part) for part in parts]
    if any(isinstance(message, Message) and message.method == "initialize" for message in messages):
        raise RpcError(INVALID_REQUEST, "initialize must not be part of a batch (2025-03-26, basic/lifecycle)")
    return messages


def encode_batch(messages: list[Message | RpcError]) -> bytes:
    """The array again, without what is no message: with duplicate keys, what goes on is what was looked at."""
    return _encoder.encode([message.members for message in messages if isinstance(message, Message)])


def _message(part: Raw) -> Message | RpcError:
    try:
        return decode_message(part)
    except RpcError as error:
        return error
