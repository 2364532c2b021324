"""The walk over every key of the schema, and a valid stack round each."""

import copy
from collections.abc import Iterator
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from mcp_stack.spec import StackFile
from mcp_stack.spec.server import KEYS_OF_KIND
from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room, by_suffix
from tests.spec.keys.rooms import ROOMS

BASE: Data = {
    "domain": "example.com",
    "proxy": {"image": {"repository": "proxy", "tag": "1.0.0"}},
    "image": {"registry": "ghcr.io/acme"},
    "exposure": {"parent": {"name": "public", "namespace": "edge"}},
    "secrets": {"token": {"config": "token"}},
    "gateway": {"trust_network": True},
    "servers": {
        "image": {"image": {"repository": "acme/image", "tag": "1.0.0"}},
        "command": {"command": ["run", "${TOKEN}"], "env": {"TOKEN": {"secret": "token"}}},
        "url": {
            "url": "https://mcp.example.org/mcp",
            "headers": {"Authorization": "${TOKEN}"},
            "env": {"TOKEN": {"secret": "token"}},
        },
    },
}
"""A server of each kind."""

LOCAL = {"local.command", "local.port"}
"""Keys for the run on this machine, which renders nothing: see tests/local/test_plan.py."""

REFUSED = {place: why for room in ROOMS for place, why in room.refused.items()}
"""Keys that a shared part of the schema has, and that are refused at one place."""

REFUSALS = tuple(place for room in ROOMS for place in room.refusals)
"""Keys that act by refusing."""


def leaves(model: type[BaseModel], path: Path = ()) -> Iterator[tuple[Path, type[BaseModel]]]:
    """Every path of `model` that holds a value rather than further keys, and the model whose key it is."""
    for name, field in model.model_fields.items():
        yield from _below(field.annotation, (*path, name), model)


def _below(annotation: Any, path: Path, owner: type[BaseModel]) -> Iterator[tuple[Path, type[BaseModel]]]:
    if _is_model(annotation):
        yield from leaves(annotation, path)
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    inner = [one for one in arguments if one is not NoneType]
    if origin is Annotated or (len(inner) == 1 and origin not in (list, dict) and len(arguments) == 2):
        yield from _below(inner[0], path, owner)
    elif origin is list and _is_model(inner[0]):
        yield from leaves(inner[0], (*path, "0"))
    elif origin is dict and _is_model(inner[1]):
        yield from leaves(inner[1], (*path, "*"))
    else:
        yield path, owner


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def owners() -> Iterator[tuple[Path, type[BaseModel]]]:
    """Leaves of the whole schema, and whose they are; those of a server once for each kind that takes the key."""
    for path, owner in leaves(StackFile):
        if path[:2] == ("servers", "*"):
            for kind, keys in KEYS_OF_KIND.items():
                if path[2] in keys and ".".join(path[2:]) not in LOCAL:
                    yield ("servers", kind, *path[2:]), owner
        else:
            yield path, owner


def every_path() -> Iterator[Path]:
    """Leaves of the whole schema."""
    return (path for path, _ in owners())


def rooms_of(owner: type[BaseModel]) -> list[Room]:
    """Rooms that say that they have the keys of the model `owner`: one, or something is wrong."""
    module = owner.__module__.removeprefix("mcp_stack.spec.")
    return [room for room in ROOMS if any(module == one or (one[-1] == "." and module.startswith(one)) for one in room.modules)]


@cache
def _rooms() -> dict[Path, Room]:
    return {path: room for path, owner in owners() for room in rooms_of(owner)}


def room_of(path: Path) -> Room:
    """The room whose key is at `path`."""
    return _rooms()[path]


def values_of(path: Path) -> tuple[Any, Any]:
    """Two values for the key at `path`."""
    found = by_suffix(room_of(path).values, path)
    assert found is not None, f"{'.'.join(path)}: give two values for it in its room in tests/spec/keys"
    return found


def concrete(path: Path) -> Path:
    """`*` by a name that fits the place."""
    names = {"virtual_servers": "support", "secrets": "token" if path[0] == "secrets" else "own", "files": "/run/files/one"}
    names |= {
        "volumes": "own",
        "claims": "own",
        "mounts": "/mounted",
        "secret_stores": "store",
        "data": "KEY",
        "exposures": "inner",
    }
    return tuple(names[path[index - 1]] if step == "*" else step for index, step in enumerate(path))


def document(path: Path, value: Any, base: Data = BASE) -> Data:
    """A valid stack, grown from `base`, in which `path` has `value` and matters."""
    own, data, path = room_of(path), copy.deepcopy(base), concrete(path)
    rooms = [room for room in ROOMS if room.alone(path)] or ROOMS
    for room in rooms:
        room.before(data, path)
        room.begin(data, path)
    if rooms is ROOMS:
        own.neighbours(data, path)
    put(data, path, value)
    for room in rooms:
        room.after(data, path, value)
    return data
