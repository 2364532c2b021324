"""Reading somebody's document key by key, so that what nobody has taken is known at the end."""

from collections.abc import Mapping
from typing import Any, cast

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join


class Notes:
    """What the stack file says otherwise, or not at all: by paths of the document, in the order in which it was found."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}

    def add(self, path: str, message: str) -> None:
        """Notes it once."""
        self._found.setdefault(Problem(path, message))

    def all(self) -> list[Problem]:
        """Everything noted."""
        return list(self._found)


class Section:
    """A mapping of the document. Whoever maps a key takes it; `close` names what is left."""

    def __init__(self, data: object, path: str, notes: Notes) -> None:
        self.path = path
        self.notes = notes
        self._left: dict[str, Any] = {}
        if isinstance(data, Mapping):
            self._left = {str(key): value for key, value in cast("Mapping[object, Any]", data).items()}
        elif data is not None:
            notes.add(path, f"left out: {_kind(data)}, where a mapping belongs")

    def at(self, key: str) -> str:
        """Path of `key`."""
        return join(self.path, key)

    def has(self, key: str) -> bool:
        """Whether `key` is there and says something."""
        return self._left.get(key) not in (None, "", [], {})

    def holds_text(self, key: str) -> bool:
        """Whether `key` is a text, or a list that begins with one."""
        value = self._left.get(key)
        first = next(iter(cast("list[object]", value)), None) if isinstance(value, list) else value
        return isinstance(first, str) and first != ""

    def left(self) -> list[str]:
        """Keys that nobody has taken."""
        return list(self._left)

    def take(self, key: str) -> Any:
        """Whatever `key` holds, once; None where it is missing or empty."""
        value = self._left.pop(key, None)
        return None if value in ("", [], {}) else value

    def text(self, key: str) -> str | None:
        """A text; numbers as they are written."""
        value = self.take(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        return self._wrong(key, value, "a text")

    def number(self, key: str) -> int | None:
        """A whole number, which charts also take as text."""
        value = self.take(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 10:
            return int(value)
        return self._wrong(key, value, "a whole number")

    def flag(self, key: str) -> bool | None:
        """`true` or `false`."""
        value = self.take(key)
        return value if value is None or isinstance(value, bool) else self._wrong(key, value, "true or false")

    def texts(self, key: str) -> list[str]:
        """A list of texts; a single text is a list of one."""
        value: object = self.take(key)
        if not isinstance(value, list | str | None):
            return self._wrong(key, value, "a list of texts") or []
        values = [value] if isinstance(value, str) else cast("list[object]", value or [])
        texts = [one for one in values if isinstance(one, str | int | float) and not isinstance(one, bool)]
        if len(texts) < len(values):
            self.notes.add(self.at(key), "its members that are no texts are left out")
        return [str(one) for one in texts]

    def map(self, key: str) -> dict[str, str]:
        """A mapping of texts."""
        inner = self.section(key)
        found = {name: "" if inner.empty(name) else inner.text(name) for name in inner.left()}
        return {name: value for name, value in found.items() if value is not None}

    def empty(self, key: str) -> bool:
        """Whether `key` holds the empty text; nothing at all, where a text belongs, is noted."""
        if self._left[key] is None:
            self.notes.add(self.at(key), "left out: nothing, where a text belongs")
        return self._left[key] == "" and self._left.pop(key) == ""

    def section(self, key: str) -> "Section":
        """The mapping at `key`; an empty one where there is none."""
        return Section(self.take(key), self.at(key), self.notes)

    def sections(self, key: str) -> list["Section"]:
        """The mappings of the list at `key`."""
        value = self.take(key)
        if value is not None and not isinstance(value, list):
            self._wrong(key, value, "a list")
            return []
        found = cast("list[object]", value or [])
        return [Section(one, join(self.at(key), index), self.notes) for index, one in enumerate(found)]

    def drop(self, key: str, why: str) -> None:
        """Takes `key` and says why it is not in the stack file."""
        if self.has(key) and self._left[key] is not False:
            self.notes.add(self.at(key), f"left out: {why}")
        self._left.pop(key, None)

    def close(self, why: str = "nothing in a stack file says this, and the format as it is documented has no such key") -> None:
        """Names every key that nobody has taken."""
        for key in self.left():
            self.drop(key, why)

    def _wrong(self, key: str, value: object, wanted: str) -> None:
        self.notes.add(self.at(key), f"left out: {_kind(value)}, where {wanted} belongs")


def mapping(value: object) -> dict[str, Any]:
    """`value` where it is a mapping, else an empty one."""
    return {str(key): inner for key, inner in cast("Mapping[object, Any]", value).items()} if isinstance(value, Mapping) else {}


def _kind(value: object) -> str:
    """What it is, without the value, which may be a secret."""
    names: dict[type, str] = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false", int: "a number"}
    return names.get(type(value), "a number")
