"""The list of a session's tasks, each of which is noted by the replica that made it."""

import asyncio

from ..catalog.offer import Offer
from ..catalog.task_lists import together
from ..errors import ProxyError
from ..upstream.peer import Answer, Call, Reply, answer_of
from .http import Request
from .replicas import Replicas
from .sessions import Session


class ListedTasks:
    """See Called: what `offer` lists, and what other replicas do that have served the session."""

    def __init__(self, offer: Offer, replicas: Replicas, request: Request, session: Session) -> None:
        self.name = offer.name
        self._offer = offer
        self._replicas = replicas
        self._request = request
        self._session = session

    async def call(self, call: Call) -> Reply:
        """One page of all of them. A replica that does not answer stands in `_meta`."""
        others = self._replicas.ask(self._request, self._session, call.method, call.params)
        own, found = await asyncio.gather(self._offer.call(call), others)
        answer = await answer_of(own)
        if answer.is_error or not found:
            return answer
        pages = [answer.value, *(page for page in found if not isinstance(page, ProxyError))]
        return Answer(together(pages, [fault for fault in found if isinstance(fault, ProxyError)]))
