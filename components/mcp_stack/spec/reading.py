"""From the text of a stack file to its data, or to everything in it that could be read in two ways.

`mcp-stack` reads with PyYAML (YAML 1.1), the Pulumi engine with yaml.v3 (mostly YAML 1.2). What the two take for different values
is refused with the way to write it, because one description must not stand for two stacks.
"""

import math
import re
from collections.abc import Iterable
from typing import Any, cast

import yaml

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import MAY_BE_SECRET, join

MAX_DEPTH = 50
MAX_VALUES = 200_000
"""What aliases stand for is counted, too: a few lines of YAML can be more values than any memory holds."""

_TAG = "tag:yaml.org,2002:"
_BOOL = ("true", "false")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?")
_ELSEWHERE_A_NUMBER = re.compile(r"[-+]?0o[0-7]+|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.[0-9]+[eE][0-9]+")
"""Numbers to yaml.v3, text to PyYAML."""
_LARGEST = 2**63
_OF_STACK = re.compile(r"^config\.[^.\[\]]+:stack(?:\.|$)")
"""Where paths begin that are told without it, as those of the schema are."""


class Unread:
    """Stands for a value that was refused: nothing takes it, so that the schema has nothing else to say of its place."""


UNREAD = Unread()


def read(text: str) -> tuple[Any, list[Problem]]:
    """(data, problems) of a document of YAML. Where there are problems, the data are good for finding further ones alone."""
    try:
        node = yaml.compose(text.removeprefix("\ufeff"), yaml.CSafeLoader)
        return (None, []) if node is None else _Reader().value(node)
    except RecursionError:
        return None, [Problem("", f"nested deeper than {MAX_DEPTH} levels")]
    except yaml.YAMLError as error:
        return None, [Problem("", f"cannot be parsed: {_reason(error, text)}")]


def _reason(error: yaml.YAMLError, text: str) -> str:
    """What is wrong and where, without the line itself, which may hold a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        lines = text.splitlines()
        indent = lines[mark.line] if mark.line < len(lines) else ""
        tab = "; a tab cannot indent, use spaces" if "\t" in indent[: len(indent) - len(indent.lstrip()) + 1] else ""
        return f"{error.problem or error.context}, line {mark.line + 1} column {mark.column + 1}{tab}"
    return " ".join(str(error).split())


class _Reader:
    """One walk over the nodes of a document."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.plain = yaml.constructor.SafeConstructor()
        self.seen = 0

    def value(self, node: yaml.Node) -> tuple[Any, list[Problem]]:
        """(value, problems) of the document's root."""
        found = self._value(node, "", 0)
        return found, self.problems

    def _value(self, node: yaml.Node, path: str, depth: int) -> Any:
        self.seen += 1
        if depth > MAX_DEPTH or self.seen > MAX_VALUES:
            limit = f"nested deeper than {MAX_DEPTH} levels" if depth > MAX_DEPTH else f"more than {MAX_VALUES} values"
            raise yaml.YAMLError(f"{limit}, aliases written out")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(one, join(path, index), depth + 1) for index, one in enumerate(cast("list[yaml.Node]", node.value))]
        return self._scalar(cast("yaml.ScalarNode", node), path)

    def _mapping(self, node: yaml.MappingNode, path: str, depth: int) -> dict[str, Any]:
        own = [(key, inner) for key, inner in _pairs(node) if key.tag != f"{_TAG}merge"]
        lines: dict[str, int] = {}
        for key, _ in own:
            name = self._key(key, path)
            if name in lines:
                where = " and ".join(str(line) for line in sorted({lines[name], _line(key)}))
                self._refuse(join(path, name), f"written twice (line {where}); keep one of them")
            lines.setdefault(name, _line(key))
        self.plain.flatten_mapping(node)  # `<<: *anchor`: what it brings comes first, so that the mapping's own keys win
        return {self._name(key): self._value(inner, join(path, self._name(key)), depth + 1) for key, inner in _pairs(node)}

    def _key(self, node: yaml.Node, path: str) -> str:
        name = self._name(node)
        if not isinstance(node, yaml.ScalarNode):
            self._refuse(join(path, name), f"line {_line(node)}: {name} is no key; a key is a text")
        elif not node.style and node.tag != f"{_TAG}str":
            kind = node.tag.removeprefix(_TAG)
            self._refuse(
                join(path, name), f'line {_line(node)}: this key is no text but of type {kind}; put it in quotes: "{name}"'
            )
        return name

    @staticmethod
    def _name(node: yaml.Node) -> str:
        return (
            str(node.value)
            if isinstance(node, yaml.ScalarNode)
            else "a list"
            if isinstance(node, yaml.SequenceNode)
            else "a mapping"
        )

    def _scalar(self, node: yaml.ScalarNode, path: str) -> Any:
        text, kind = str(node.value), node.tag.removeprefix(_TAG)
        if node.style or kind == "str":
            if not node.style and _ELSEWHERE_A_NUMBER.fullmatch(text):
                self._twice(node, path, 'a text here, and a number to Pulumi; write it as a decimal number, or as "{text}"')
            return text
        match kind:
            case "null":
                return None
            case "bool" if text.lower() in _BOOL:
                return text.lower() == "true"
            case "bool":
                self._twice(node, path, 'a boolean here, and a text to Pulumi; write true or false, or "{text}"')
            case "int" if _DECIMAL.fullmatch(text):
                if len(text) > len(str(_LARGEST)) + 1 or not -_LARGEST <= int(text) < _LARGEST:
                    self._refuse(
                        path, f"line {_line(node)}: a whole number of {len(text)} digits, of at most 64 bits; put a text in quotes"
                    )
                else:
                    return int(text)
            case "int":
                self._twice(node, path, 'octal, hexadecimal, in sixties or with `_`; write it as a decimal number, or as "{text}"')
            case "float" if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
                return float(text)
            case "float":
                self._twice(node, path, 'no plain decimal number; write it as one, or as "{text}"')
            case "timestamp":
                self._twice(node, path, 'a point in time to YAML; put it in quotes: "{text}"')
            case _:
                self._refuse(
                    path, f"line {_line(node)}: values of type {node.tag} mean nothing here; write a text, a number, true or false"
                )
        return UNREAD

    def _twice(self, node: yaml.ScalarNode, path: str, why: str) -> None:
        inside = _OF_STACK.match(path) is not None and MAY_BE_SECRET.isdisjoint(re.split(r"[.\[]", path))
        shown, text = (f"`{node.value!s:.40}`", str(node.value)) if inside else ("this", "…")
        self._refuse(path, f"line {_line(node)}: {shown} is {why.format(text=text)}")

    def _refuse(self, path: str, message: str) -> None:
        problem = Problem(_OF_STACK.sub("", path), message)
        if problem not in self.problems:
            self.problems.append(problem)


def _pairs(node: yaml.MappingNode) -> Iterable[tuple[yaml.Node, yaml.Node]]:
    return cast("list[tuple[yaml.Node, yaml.Node]]", node.value)


def _line(node: yaml.Node) -> int:
    return cast("int", node.start_mark.line) + 1
