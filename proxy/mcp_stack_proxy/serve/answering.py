"""From a call to its answer: the one place where faults become what the client reads."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any

from msgspec import Raw

from ..catalog.offer import Offer
from ..errors import Overloaded, ProxyError
from ..upstream.peer import Answer, Call, Notification
from ..upstream.tasks import Tasks
from ..wire.errors import INTERNAL_ERROR, RpcError, error_for
from ..wire.revisions import Era
from .http import Request
from .passing import draining
from .reply import Reply
from .sessions import Session
from .vigil import Vigil

log = logging.getLogger(__name__)


class Answering:
    """Runs calls and writes their answers."""

    def __init__(self, vigil: Vigil, tasks: Tasks) -> None:
        self._vigil = vigil
        self._tasks = tasks

    async def call(self, request: Request, id_: Raw, offer: Offer, call: Call, session: Session | None = None) -> None:
        """Send `call` to `offer`; what comes back goes to the client as it comes."""
        reply = Reply(request, id_, call.era, self._tasks)

        async def work() -> None:
            first = await offer.call(call)
            if isinstance(first, Answer):
                await reply.answer(first)
                return
            async with aclosing(first) as parts:
                async for part in parts:
                    if isinstance(part, Notification):
                        await reply.notify(part)
                    else:
                        await reply.answer(part)

        await self._run(request, reply, work(), offer.name, id_, session)

    async def value(self, request: Request, id_: Raw, era: Era, answer: Coroutine[Any, Any, Answer], server: str | None) -> None:
        """Answer with what `answer` yields."""
        reply = Reply(request, id_, era, self._tasks)

        async def work() -> None:
            await reply.answer(await answer)

        await self._run(request, reply, work(), server, id_, None)

    async def _run(
        self,
        request: Request,
        reply: Reply,
        work: Coroutine[Any, Any, None],
        server: str | None,
        id_: Raw,
        session: Session | None,
    ) -> None:
        key = bytes(id_)
        if session is not None:
            session.calls[key] = reply.abandon
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
                session.calls.pop(key, None)
