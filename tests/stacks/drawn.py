"""Random stacks: any keys of the schema beside each other, on any number of servers.

The keys, two values of each and what has to stand beside them are those of tests/spec/keys, whose walk over the models refuses a
key without them: a new one is drawn here without anybody's doing. Numbers and choices come from the model's own bounds.
A key that contradicts one drawn before (an autoscaler beside `replicas`) is left out again, as an author would, and the rest stays.
"""

import copy
from random import Random
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Le
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from mcp_stack.spec import StackFile, StackSpec, load_spec
from mcp_stack_proxy.config import ConfigError
from tests.spec.keys.walk import BASE, REFUSALS, REFUSED, document, every_path, values_of

KEYS = [
    path
    for path in every_path()
    if not any(".".join(path).endswith(place) for place in REFUSED) and not ".".join(path).endswith(REFUSALS)
]
"""Every key that renders something."""

SIZES = (1, 5, 10, 20, 30)
"""How many keys are drawn for one stack."""

MOST_TWINS = 4
_SMALL = 3600
"""Most that a number without an upper bound gets."""


@st.composite
def stacks(draw: st.DrawFn) -> tuple[dict[str, Any], StackSpec, list[tuple[str, ...]]]:
    """A valid stack file, what it is loaded as, and the keys that were drawn for it."""
    data = copy.deepcopy(BASE)
    if draw(st.booleans()):
        data["gateway"] = {"authentication": {"api_keys": {"secret": "token"}}}
    if draw(st.booleans()):
        data["gateway"]["sessions"] = {"keys": {"secret": "token"}}  # without them nothing that runs the proxy has replicas
    chosen: list[tuple[str, ...]] = []
    chance = draw(st.randoms(use_true_random=True))  # hypothesis' own choices among so many keys are mostly the same few
    for path in chance.sample(KEYS, chance.choice(SIZES)):
        grown = with_key(data, path, value_at(path, chance))
        if grown is not None:
            data = grown
            chosen.append(path)
    for kind in chance.choices(sorted(BASE["servers"]), k=chance.randrange(MOST_TWINS)):
        data = with_twin(data, kind) or data
    return data, load_spec(copy.deepcopy(data), "test"), chosen


def with_key(data: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any] | None:
    """`data` with `value` at `path` and what that needs; None where it contradicts what is there."""
    try:
        grown = document(path, copy.deepcopy(value), data)
        load_spec(copy.deepcopy(grown), "test")
    except (ConfigError, LookupError, TypeError, AttributeError):
        return None
    return grown


def with_twin(data: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """`data` with one more server like that of `kind`; None where there cannot be two."""
    grown = copy.deepcopy(data)
    if kind not in grown["servers"]:
        return None
    grown["servers"][f"{kind}-{len(grown['servers'])}"] = copy.deepcopy(grown["servers"][kind])
    try:
        load_spec(copy.deepcopy(grown), "test")
    except ConfigError:
        return None
    return grown


def value_at(path: tuple[str, ...], chance: Random) -> Any:
    """A value for the key at `path`: what its model allows of numbers, choices and switches, or one of the known two."""
    return chance.choice((*values_of(path), *allowed(field_at(path), chance)))


def field_at(path: tuple[str, ...]) -> FieldInfo:
    """The model's field that `path` leads to."""
    model: Any = StackFile
    field = None
    steps = ("servers", "*", *path[2:]) if path[0] == "servers" else path
    for step in steps:
        if step in ("*", "0"):
            continue
        field = model.model_fields[step]
        model = _model_in(field.annotation)
    assert field is not None
    return field


def _model_in(annotation: Any) -> Any:
    if hasattr(annotation, "model_fields"):
        return annotation
    return next((found for inner in reversed(get_args(annotation)) if (found := _model_in(inner)) is not None), None)


def allowed(field: FieldInfo, chance: Random) -> tuple[Any, ...]:
    """Values by annotation and bounds; none for texts and whatever is built of them."""
    kind, bounds = bare(field)
    if get_origin(kind) is Literal:
        return get_args(kind)
    if kind is bool:
        return (True, False)
    if kind is not int:
        return ()
    least = max((int(one.ge) for one in bounds if isinstance(one, Ge)), default=0)
    most = min((int(one.le) for one in bounds if isinstance(one, Le)), default=least + _SMALL)
    return (least, most, chance.randint(least, most))


def bare(field: FieldInfo) -> tuple[Any, list[Any]]:
    """The annotation of `field` without `None` and its bounds, and those."""
    kind, held = field.annotation, list(field.metadata)
    while get_origin(kind) is Annotated or (type(None) in get_args(kind) and len(get_args(kind)) == 2):
        if get_origin(kind) is Annotated:
            kind, *more = get_args(kind)
            held += more
        else:
            (kind,) = (one for one in get_args(kind) if one is not type(None))
    return kind, [bound for one in held for bound in (getattr(one, "metadata", None) or [one])]
