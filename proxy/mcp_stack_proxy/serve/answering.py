"""From a call to its answer: the one place where faults become what the client reads."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any

from msgspec import Raw

from ..catalog.offer import Called
from ..errors import Overloaded, ProxyError
from ..observe.recorder import Recorder
from ..upstream.peer import Answer, Call
from ..upstream.tasks import Tasks
from ..wire.envelope import Members
from ..wire.errors import INTERNAL_ERROR, RpcError, error_for
from ..wire.revisions import IS_MODERN, Era
from .asking import Asking
from .http import Request
from .parking import Parked, Parking
from .passing import draining
from .reply import Keeping, Reply
from .sessions import Session
from .vigil import Vigil

log = logging.getLogger(__name__)


class Answering:
    """Runs calls and writes their answers."""

    def __init__(self, vigil: Vigil, tasks: Tasks, asking: Asking, parking: Parking, recorder: Recorder | None = None) -> None:
        """`recorder` is told of each call; None where nobody wants to know."""
        self._recorder = recorder
        self._vigil = vigil
        self._tasks = tasks
        self._asking = asking
        self._parking = parking

    def call(
        self,
        request: Request,
        id_: Raw,
        offer: Called,
        call: Call,
        session: Session | None = None,
        kept: Keeping | None = None,
    ) -> Awaitable[None]:
        """Send `call` to `offer`; what comes back goes to the client as it comes. `kept`: see Reply."""
        seen = None
        if (recorder := self._recorder) is not None:
            seen = recorder.begin(
                call.method, call.params, request.headers, len(request.body), request.caller, call.client, bare=call.bare
            )
        reply = Reply(request, id_, call.era, self._tasks, seen, kept)
        return self._run(request, reply, self._answer(reply, offer, call, session), offer.name, id_, session)

    async def resume(self, request: Request, id_: Raw, parked: Parked, params: Members, server: str | None) -> None:
        """Go on with `parked`, by the answers in `params`."""
        seen = None
        if (recorder := self._recorder) is not None:
            seen = recorder.begin(parked.method, params, request.headers, len(request.body), request.caller)
        reply = Reply(request, id_, IS_MODERN, self._tasks, seen)
        await self._run(request, reply, self._parking.resume(reply, parked, params), server, id_, None)

    async def value(self, request: Request, id_: Raw, era: Era, answer: Coroutine[Any, Any, Answer], server: str | None) -> None:
        """Answer with what `answer` yields."""
        reply = Reply(request, id_, era, self._tasks)

        async def work() -> None:
            await reply.answer(await answer)

        await self._run(request, reply, work(), server, id_, None)

    async def _answer(self, reply: Reply, offer: Called, call: Call, session: Session | None) -> None:
        first = await offer.call(call)
        if isinstance(first, Answer):
            await reply.answer(first)
        elif session is not None:
            await self._asking.follow(reply, first, session)
        else:
            await self._parking.follow(reply, Parked(first, call.method, call.params, call.subject))

    async def _run(
        self,
        request: Request,
        reply: Reply,
        work: Coroutine[Any, Any, None],
        server: str | None,
        id_: Raw,
        session: Session | None,
    ) -> None:
        if session is not None:
            session.calls[bytes(id_)] = reply.abandon
        self._vigil.begin(reply)
        try:
            await work
        except RpcError as error:
            await reply.error(error)
        except ProxyError as fault:
            server = fault.server or server
            log.info("%s: %s (%s)", server or "gateway", fault.message, fault.reason)
            if isinstance(fault, Overloaded):
                request.extra.append((b"retry-after", b"%d" % fault.retry_after))
            await reply.error(error_for(fault, server))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            if reply.abandoned:
                await reply.silence()
            else:
                await reply.error(error_for(draining(), server))
        except Exception:
            log.exception("a call failed unexpectedly")
            await reply.error(RpcError(INTERNAL_ERROR, "internal error"))
        finally:
            self._vigil.end(reply)
            reply.close()
            if session is not None:
                session.calls.pop(bytes(id_), None)
