"""Values in a nested description, by their paths."""

import copy
from typing import Any


def put(data: Any, path: tuple[str, ...], value: Any) -> None:
    """Set `path` in `data`, with what leads there; a number stands for a list's element."""
    *steps, last = path
    for step, following in zip(steps, path[1:], strict=True):
        empty: Any = [] if following.isdigit() else {}
        data = data[int(step)] if isinstance(data, list) else data.setdefault(step, empty)
        if isinstance(data, list) and not data:
            data.append({})
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value


def changed(data: dict[str, Any], changes: dict[str, Any] | None) -> dict[str, Any]:
    """A copy of `data` with each dotted path set to its value, or taken out where that is `...`."""
    data = copy.deepcopy(data)
    for dotted, value in (changes or {}).items():
        path = tuple(dotted.split("."))
        if value is ...:
            place = data
            for step in path[:-1]:
                place = place[step]
            del place[path[-1]]
        else:
            put(data, path, value)
    return data
