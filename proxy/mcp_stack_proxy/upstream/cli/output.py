"""What a run writes, bounded: its beginning and its end are kept, the middle is left out and counted."""

from collections import deque


class Output:
    """One stream of a run. At most about `limit` bytes are held, whatever comes."""

    def __init__(self, limit: int) -> None:
        self._head_limit = limit - limit // 2
        self._tail_limit = limit // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self.size = 0
        """Bytes written so far."""

    @property
    def truncated(self) -> bool:
        """Whether anything was left out."""
        return self.size > self._head_limit + self._tail_limit

    def feed(self, data: bytes) -> None:
        """The next piece."""
        self.size += len(data)
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if not data or not self._tail_limit:
            return
        data = data[-self._tail_limit :]
        self._tail.append(data)
        self._tail_size += len(data)
        while self._tail_size - len(self._tail[0]) >= self._tail_limit:
            self._tail_size -= len(self._tail.popleft())

    def text(self) -> str:
        """What is kept, as text. What is no UTF-8 is replaced; a character that the cut went through is left out."""
        if not self.truncated:
            return (bytes(self._head) + b"".join(self._tail)).decode("utf-8", "replace")
        tail = b"".join(self._tail)
        tail = tail[len(tail) - self._tail_limit :]
        left_out = self.size - len(self._head) - len(tail)
        begin = _whole_end(bytes(self._head)).decode("utf-8", "replace")
        end = _whole_start(tail).decode("utf-8", "replace")
        return f"{begin}\n[{left_out} bytes left out]\n{end}"


def _whole_end(data: bytes) -> bytes:
    """`data` without an unfinished character at its end."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            needs = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return data[:-back] if back < needs else data
        if byte < 0x80:
            return data
    return data


def _whole_start(data: bytes) -> bytes:
    """`data` without the rest of a character at its start."""
    for skip in range(min(3, len(data))):
        if not 0x80 <= data[skip] < 0xC0:
            return data[skip:]
    return data[min(3, len(data)) :]
