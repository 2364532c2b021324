"""How much work a schema can make, before it makes any.

A schema of a few lines whose references double on each level keeps a validator busy for hours, and an untrusted server writes it.
So references are followed here, in the few ways that tools need; a schema that refers to anything in another way is refused.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias, cast
from urllib.parse import unquote

Node: TypeAlias = dict[str, Any]

_HERE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies")
"""Keywords whose schemas apply to the same value."""
_MAPS = ("properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions")
"""Keywords with schemas under names."""
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")
_UNEVALUATED_FACTOR = 100
"""They evaluate everything beside them once more (measured)."""
_DATA = ("enum", "const", "default", "examples")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


class Unfollowed(Exception):
    """The schema refers to something in a way that is not followed; the message says to what."""


class Weight:
    """`heaviest`: most schemas that apply to one value at once. `loops`: references that lead back to where they stand."""

    def __init__(self, schema: Node) -> None:
        self._root = schema
        self._known: dict[int, int] = {}
        self._open: set[int] = set()
        self._anchors: dict[str, Node] = {}
        self.loops = 0
        nodes = list(_all(schema))
        for node in nodes:
            if node is not schema and any(isinstance(node.get(key), str) for key in ("$id", "id")):
                raise Unfollowed("a schema with an $id of its own inside another")
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(key), str):
                    self._anchors[node[key]] = node
        self._cyclic(nodes)
        self.heaviest = max(self._of(node) for node in nodes)
        if any(keyword in node for node in nodes for keyword in _UNEVALUATED):
            self.heaviest *= _UNEVALUATED_FACTOR

    def _of(self, node: Node) -> int:
        """Schemas that apply where `node` does, itself included. One that is met within itself counts once."""
        key = id(node)
        if (known := self._known.get(key)) is not None:
            return known
        if key in self._open:
            return 0
        self._open.add(key)
        required = node.get("required")
        total = 1 + (len(cast("list[object]", required)) if isinstance(required, list) else 0)
        total += sum(self._of(inner) for inner in self._applied(node))
        self._open.discard(key)
        self._known[key] = total
        return total

    def _applied(self, node: Node) -> Iterator[Node]:
        for keyword in _HERE:
            yield from _below(keyword, node.get(keyword))
        yield from self._referred(node)

    def _referred(self, node: Node) -> Iterator[Node]:
        for keyword in _REFERENCES:
            if isinstance(reference := node.get(keyword), str):
                target = self._resolved(reference)
                if isinstance(target, dict):
                    yield cast("Node", target)

    def _resolved(self, reference: str) -> object:
        if not reference.startswith("#"):
            raise Unfollowed(f"{reference[:80]!r}; nothing outside of the schema is fetched")
        fragment = unquote(reference[1:])
        if not fragment:
            return self._root
        if not fragment.startswith("/"):
            if fragment not in self._anchors:
                raise Unfollowed(f"the anchor {reference[:80]!r}, which it lacks")
            return self._anchors[fragment]
        place: Any = self._root
        for part in fragment[1:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            try:
                place = cast("list[Any]", place)[int(name)] if isinstance(place, list) else cast("Node", place)[name]
            except (KeyError, IndexError, ValueError, TypeError):
                raise Unfollowed(f"{reference[:80]!r}, which it lacks") from None
        return place

    def _cyclic(self, nodes: list[Node]) -> None:
        """Count the references that close a circle, over properties and items, too."""
        done: set[int] = set()
        path: set[int] = set()
        for start in nodes:
            stack: list[tuple[Node, bool]] = [(start, False)]
            while stack:
                node, leaving = stack.pop()
                key = id(node)
                if leaving:
                    path.discard(key)
                elif key in path:
                    self.loops += 1
                elif key not in done:
                    done.add(key)
                    path.add(key)
                    stack.append((node, True))
                    stack += [(inner, False) for inner in (*_children(node), *self._referred(node))]


def _children(node: Node) -> Iterator[Node]:
    for keyword, value in node.items():
        if keyword not in _DATA:
            yield from _below(keyword, value)


def _below(keyword: str, value: object) -> Iterator[Node]:
    if isinstance(value, list):
        yield from (cast("Node", one) for one in cast("list[object]", value) if isinstance(one, dict))
    elif isinstance(value, dict):
        found = cast("Node", value)
        if keyword in _MAPS:
            yield from (cast("Node", one) for one in found.values() if isinstance(one, dict))
        else:
            yield found


def _all(schema: Node) -> Iterator[Node]:
    stack = [schema]
    while stack:
        node = stack.pop()
        yield node
        stack += _children(node)
