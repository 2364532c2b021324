"""A room of the stack file: which keys it has, two values of each, and what has to stand beside them."""

import copy
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.dotted import put

Data = dict[str, Any]
Path = tuple[str, ...]


def nothing(*_: Any) -> None:
    """Nothing has to stand beside the keys."""


def never(_: Path) -> bool:
    """Other rooms may prepare the keys, too."""
    return False


@dataclass(frozen=True, slots=True)
class Room:
    """Keys whose models stand in `modules`; a key is named by its last step, or by as many as are needed to tell."""

    modules: tuple[str, ...]
    """Modules of models, without their package; a last `.` stands for all below one."""
    values: Mapping[str, tuple[Any, Any]]
    """Two valid values for each key."""
    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    """Keys that a shared part of the schema has and that are refused at one place, and what is then said."""
    refusals: tuple[str, ...] = ()
    """Keys that act by refusing."""
    beside: Mapping[str, tuple[str, Any]] = field(default_factory=dict[str, tuple[str, Any]])
    """A key of this room -> the neighbour, with a value, without which it means nothing."""
    elements: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """A list -> what has to stand in an element of it."""
    before: Callable[[Data, Path], None] = nothing
    """Puts in place what has to stand beside a key, of this room or another, for it to mean anything."""
    after: Callable[[Data, Path, Any], None] = nothing
    """Puts in place what the value of a key asks for elsewhere."""
    alone: Callable[[Path], bool] = never
    """Paths for which this room alone prepares everything."""

    def neighbours(self, data: Data, path: Path) -> None:
        """Put in place what the key at `path`, of this room, stands beside."""
        if (found := by_suffix(self.beside, path)) is not None:
            key, value = found
            put(data, (*path[:-1], key), copy.deepcopy(value))

    def begin(self, data: Data, path: Path) -> None:
        """Put an element into each list of this room on the way."""
        for index, step in enumerate(path):
            if step in self.elements:
                put(data, path[: index + 1], [copy.deepcopy(self.elements[step])])


def by_suffix(table: Mapping[str, Any], path: Path) -> Any:
    """What `table` has for `path`; None where it has nothing."""
    found = suffix_in(table, path)
    return None if found is None else table[found]


def suffix_in(table: Collection[str], path: Path) -> str | None:
    """The longest end of `path` that is in `table`."""
    return next((end for start in range(len(path)) if (end := ".".join(path[start:])) in table), None)


def at(data: Data, path: Path) -> Data:
    """Mapping of the server, of the gateway or of the defaults that `path` is about; the whole stack otherwise."""
    if path[0] == "servers":
        return data["servers"][path[1]]
    return data.setdefault(path[0], {}) if path[0] in ("gateway", "defaults") else data
