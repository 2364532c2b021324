"""What a property may hold beside plain data: a secret, or something that only a deployment can tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

REDACTED = "[secret]"
"""Stands for a secret wherever one would be shown."""

UNKNOWN_TEXT = "[known after deployment]"
"""Stands for what a provider answers."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that Pulumi marks as secret. It never shows by accident: `repr` and `str` are redacted."""

    value: Any

    def __repr__(self) -> str:
        return REDACTED


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known before deployment."""

    def __repr__(self) -> str:
        return UNKNOWN_TEXT


def told_later(text: str) -> bool:
    """Whether `text`, or a part of it, is known only after deployment: nothing can be said against it before."""
    return UNKNOWN_TEXT in text


def _leaves(value: Any, secret: Callable[[Any], Any], hidden: bool = False) -> Any:
    """`value` with every leaf below a secret put through `secret`. Keys stay: they are structure, which judges have to see."""
    if isinstance(value, Secret):
        return _leaves(value.value, secret, hidden=True)
    if isinstance(value, Unknown):
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {key: _leaves(inner, secret, hidden) for key, inner in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list):
        return [_leaves(inner, secret, hidden) for inner in cast("list[Any]", value)]
    return secret(value) if hidden else value


def masked(value: Any) -> Any:
    """Plain data in which every secret reads REDACTED."""
    return _leaves(value, lambda _: REDACTED)


def revealed(value: Any) -> Any:
    """Plain data with the secrets in it."""
    return _leaves(value, lambda leaf: leaf)


def holds_secret(value: Any) -> bool:
    """Whether a secret is anywhere in `value`."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(holds_secret(inner) for inner in cast("Mapping[str, Any]", value).values())
    return isinstance(value, list) and any(holds_secret(inner) for inner in cast("list[Any]", value))
