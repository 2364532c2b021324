"""Changed places of two trees, by paths that a reader recognises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ..values import REDACTED, Secret, holds_secret, masked, revealed


class _Absent:
    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Final = _Absent()
"""The other side of something that was added or removed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One place. `old` and `new` are plain data with secrets redacted, or ABSENT; a `secret` is said to differ, not how."""

    path: str
    old: Any
    new: Any
    secret: bool = False


_KEYS = ("name", "mountPath", "containerPort", "port", "key", "ip", "type")
"""Fields by which list items are told apart, as far as they are there and unique (Kubernetes' merge keys)."""

_PLAIN_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def step(path: str, key: str) -> str:
    """`path.key`, or `path["key"]` where a dot would mislead."""
    if set(key) <= _PLAIN_KEY:
        return f"{path}.{key}" if path else key
    return f'{path}["{key}"]'


def changes(old: Any, new: Any, path: str = "") -> Iterator[Change]:
    """Every leaf that differs, in order of its path's keys."""
    if isinstance(old, Secret) or isinstance(new, Secret):
        yield from _secret_changes(old, new, path)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _map_changes(cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new), path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list_changes(cast("list[Any]", old), cast("list[Any]", new), path)
    elif _differ(old, new):
        yield Change(path, _shown(old), _shown(new), holds_secret(old) or holds_secret(new))


def _differ(old: Any, new: Any) -> bool:
    """`1` and `true` are equal in Python, and not in YAML."""
    return type(old) is not type(new) or old != new


def _secret_changes(old: Any, new: Any, path: str) -> Iterator[Change]:
    """Structure below a secret is followed, its values are not."""
    before, after = _bare(old), _bare(new)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _map_changes(_wrapped(before), _wrapped(after), path)
    elif isinstance(old, Secret) != isinstance(new, Secret) or revealed(old) != revealed(new):
        yield Change(path, _shown(old), _shown(new), secret=True)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value


def _wrapped(fields: Any) -> dict[str, Any]:
    return {key: Secret(value) for key, value in cast("Mapping[str, Any]", fields).items()}


def _shown(value: Any) -> Any:
    if value is ABSENT:
        return ABSENT
    return REDACTED if isinstance(value, Secret) else masked(value)


def _map_changes(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    for key in sorted(set(old) | set(new)):
        yield from changes(old.get(key, ABSENT), new.get(key, ABSENT), step(path, key))


def _list_changes(old: list[Any], new: list[Any], path: str) -> Iterator[Change]:
    key = next((name for name in _KEYS if _unique(old, name) and _unique(new, name)), None)
    if key is None or not (old and new):
        if any(isinstance(item, Mapping) for item in [*old, *new]):
            for index in range(max(len(old), len(new))):
                before, after = (side[index] if index < len(side) else ABSENT for side in (old, new))
                yield from changes(before, after, f"{path}[{index}]")
        elif old != new:
            yield Change(path, _shown(old), _shown(new), holds_secret(old) or holds_secret(new))
        return
    before, after = ({str(item[key]): item for item in side} for side in (old, new))
    for name in [*after, *(name for name in before if name not in after)]:
        yield from changes(before.get(name, ABSENT), after.get(name, ABSENT), f"{path}[{name}]")
    kept = [[name for name in side if name in before and name in after] for side in (before, after)]
    if kept[0] != kept[1]:
        yield Change(f"{path}[order]", kept[0], kept[1])


def _unique(items: list[Any], key: str) -> bool:
    names = [cast("Mapping[str, Any]", item).get(key) for item in items if isinstance(item, Mapping)]
    return (
        len(names) == len(items)
        and None not in names
        and all(isinstance(name, str | int) for name in names)
        and len(set(names)) == len(names)
    )
