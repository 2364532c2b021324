"""Methods that no revision has, which some servers refuse by the status alone that others have for a session that they do not know.

The Go SDK's server answers them with 400 and a line of text. To take that for a lost session would cost every client its own.
"""

from collections.abc import Awaitable, Callable

from ..errors import UpstreamError
from ..wire.errors import METHOD_NOT_FOUND, RpcError
from ..wire.revisions import HANDSHAKE_METHODS, Era
from .http_exchange import SessionLost
from .peer import Call, Reply, answer_of


async def unless_unheard_of(call: Call, send: Callable[[Call], Awaitable[Reply]]) -> None:
    """RpcError where it is the method of `call` that was refused: in the same session, by `send`, the server answers a ping."""
    if call.method in HANDSHAKE_METHODS:
        return
    try:
        await answer_of(await send(Call("ping", {}, Era.LEGACY, call.deadline)))
    except (SessionLost, UpstreamError):
        return
    raise RpcError(METHOD_NOT_FOUND, f"Method not found: {call.method}")
