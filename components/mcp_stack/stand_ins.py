"""Names and images that a program knows only after deployment, such as the namespace that it makes and the digest that it builds.

Builders take texts alone. So a text that the schema accepts stands for each of these, by its place among the arguments, until the
objects are made; there the output takes its place. None of them is part of a configuration whose digest names its ConfigMap,
except the namespace, with which the ConfigMap moves.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

import pulumi

from mcp_stack_proxy.config import ConfigError, Strict, validate
from mcp_stack_proxy.config.strict import join

from .spec.image import ImageSpec
from .spec.network import Client
from .spec.storage import ExistingClaim

Later = Mapping[str, pulumi.Output[str]]
"""Text that stands in for an output -> the output."""

Place = tuple[str | int, ...]


class Kind(NamedTuple):
    """What a value may be that is told later."""

    stand_in: str
    """Text in its place, with a mark of that place for `{}`."""
    model: type[Strict]
    """Whose rule it follows, when it has come."""
    around: Mapping[str, str]
    """What the model needs beside."""
    key: str
    """Its key there."""


_NAME = Kind("later-{:.16}", ExistingClaim, {}, "name")
_LABEL = Kind("later-{:.16}", Client, {}, "namespace")
_PARTS = {
    "repository": Kind("later.invalid/{:.16}", ImageSpec, {}, "repository"),
    "tag": Kind("later-{:.16}", ImageSpec, {"repository": "registry.invalid/any"}, "tag"),
    "digest": Kind("sha256:{}", ImageSpec, {"repository": "registry.invalid/any"}, "digest"),
}
_NAMED = ("existing", "existing_claim", "existing_secret", "existing_config_map", "config_map", "parent")
_PEERS = ("clients", "egress", "scrapers")


def _kind(place: Place) -> Kind | None:
    """What may be told later at `place`, or None where it has to be known."""
    key, parent = place[-1], place[-2] if len(place) > 1 else ""
    if parent == "image":
        return _PARTS.get(str(key))
    if parent == "env":  # a variable may be called like anything, and holds an output as it is
        return None
    if place in (("namespace",), ("namespace", "name")) or (key == "namespace" and (parent == "parent" or _is_peer(place))):
        return _LABEL
    return _NAME if key in (*_NAMED, "service_account") or place == ("workload",) or (key == "name" and parent in _NAMED) else None


def _is_peer(place: Place) -> bool:
    return len(place) > 2 and isinstance(place[-2], int) and place[-3] in _PEERS


def stand_ins(data: Mapping[str, Any], shown: Callable[[str], str]) -> tuple[dict[str, Any], Later]:
    """`data` with a text for each output that may be told later, and what these texts stand for. Other outputs stay.

    `shown` tells a place in `data` as the author of the arguments knows it.
    """
    later: dict[str, pulumi.Output[str]] = {}

    def replaced(value: Any, place: Place) -> Any:
        if isinstance(value, Mapping):
            return {key: replaced(inner, (*place, key)) for key, inner in cast("Mapping[str, Any]", value).items()}
        if isinstance(value, list):
            return [replaced(inner, (*place, index)) for index, inner in enumerate(cast("list[Any]", value))]
        if not isinstance(value, pulumi.Output) or not place or (kind := _kind(place)) is None:
            return cast("Any", value)
        path = join("", *place)
        text = kind.stand_in.format(hashlib.sha256(path.encode()).hexdigest())
        later[text] = cast("pulumi.Output[str]", value).apply(partial(_fitting, kind, shown(path)))
        return text

    return cast("dict[str, Any]", replaced(data, ())), later


def _fitting(kind: Kind, shown: str, value: str) -> str:
    """`value` where it is what it has to be."""
    try:
        checked = validate(kind.model, {**kind.around, kind.key: value}, shown)
    except ConfigError as error:
        raise pulumi.RunError(f"{shown}: {error.problems[0].message}") from None
    if isinstance(checked, ImageSpec) and not checked.absolute:
        raise pulumi.RunError(f"{shown}: {value!r} names no registry, such as ghcr.io/acme; an output has to")
    return value


def settled(value: Any, later: Later) -> Any:
    """`value`, a manifest or a part of one, with the outputs where texts stood for them."""
    if not later or isinstance(value, pulumi.Output):
        return cast("Any", value)
    if isinstance(value, str):
        found = [text for text in later if text in value]
        return pulumi.Output.all(*(later[text] for text in found)).apply(partial(_told, value, found)) if found else value
    if isinstance(value, Mapping):
        return {key: settled(inner, later) for key, inner in cast("Mapping[str, Any]", value).items()}
    return [settled(inner, later) for inner in cast("list[Any]", value)] if isinstance(value, list) else value


def _told(text: str, found: Sequence[str], values: Sequence[str]) -> str:
    for stand_in, value in zip(found, values, strict=True):
        text = text.replace(stand_in, value)
    return text
