"""What a server answered when asked for its lists: told again while its process rests, so that a look at its tools wakes nobody."""

from typing import TypeAlias

from ..wire.revisions import Era
from .peer import Answer, Call

LISTS = {
    "tools/list": "tools",
    "prompts/list": "prompts",
    "resources/list": "resources",
    "resources/templates/list": "resources",
}
"""Method -> the kind of list that it asks for."""

_Key: TypeAlias = tuple[str, Era, bytes]


class Recall:
    """Answers by what was asked, bounded to `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._answers: dict[_Key, Answer] = {}
        self.changes = 0
        """Times that something was forgotten: an answer to an older question is not kept."""

    def get(self, call: Call) -> Answer | None:
        """The answer to `call` as it was last given."""
        return self._answers.get(_key(call))

    def put(self, call: Call, answer: Answer, changes: int) -> None:
        """`answer` to `call`, which was asked at `changes`. What does not fit is not kept: it has to be asked for again."""
        if changes != self.changes or answer.is_error:
            return
        key, size = _key(call), memoryview(answer.value).nbytes
        self._size += size - (memoryview(old.value).nbytes if (old := self._answers.pop(key, None)) else 0)
        if self._size > self._limit:
            self._size -= size
        else:
            self._answers[key] = answer

    def forget(self, kind: str | None = None) -> None:
        """The lists of `kind`, or all, may be others now."""
        self.changes += 1
        for key in [key for key in self._answers if kind in (None, LISTS[key[0]])]:
            self._size -= memoryview(self._answers.pop(key).value).nbytes


def _key(call: Call) -> _Key:
    return call.method, call.era, bytes(call.params.get("cursor", b""))
