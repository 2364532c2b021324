"""`${VAR}` and `${VAR:-default}` in string values, replaced after parsing, so that a value cannot change the structure.

`$$` stands for a single `$`. Seed 001 replaces in the raw text and lets a missing variable become an empty string; here it is
refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from .environment import UnreadableVariable
from .errors import Problem
from .strict import join

_TOKEN = re.compile(r"\$(?:(?P<escaped>\$)|\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<fallback>:-[^{}]*)?\}|(?P<bad>\{[^}]*\}?))")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One use of a variable: where it stands, its name, and whether a default makes it optional."""

    path: str
    name: str
    optional: bool


def find_placeholders(data: object, path: str = "") -> Iterator[Placeholder]:
    """Every placeholder of a parsed document, in document order."""
    for place, text in _strings(data, path):
        for match in _TOKEN.finditer(text):
            if match["name"]:
                yield Placeholder(place, match["name"], match["fallback"] is not None)


def literal(text: str) -> str:
    """`text` of a document that knows other placeholders: what is none here stands for itself."""
    return _TOKEN.sub(lambda match: f"$${match['bad']}" if match["bad"] else match[0], text)


def substitute(data: object, environment: Mapping[str, str]) -> tuple[object, list[Problem]]:
    """`data` with every placeholder filled from `environment`, and one problem for each that cannot be."""
    problems: list[Problem] = []

    def fill(value: object, path: str) -> object:
        if isinstance(value, str):
            return _TOKEN.sub(lambda match: replacement(match, path), value)
        if isinstance(value, Mapping):
            pairs = cast("Mapping[object, object]", value).items()
            return {key: fill(inner, join(path, str(key))) for key, inner in pairs}
        if isinstance(value, list):
            return [fill(inner, join(path, index)) for index, inner in enumerate(cast("list[object]", value))]
        return value

    def replacement(match: re.Match[str], path: str) -> str:
        if match["escaped"]:
            return "$"
        if match["bad"]:
            hint = "write `${NAME}`, `${NAME:-default}` (a default without braces) or `$$`"
            problems.append(Problem(path, f"`${match['bad']}` is not a placeholder; {hint}"))
            return ""
        try:
            if (value := environment.get(match["name"])) is not None:
                return value
        except UnreadableVariable as error:
            problems.append(Problem(path, f"variable {match['name']}: {error}"))
            return ""
        if match["fallback"] is not None:
            return match["fallback"][2:]
        hint = f"set it, or write `${{{match['name']}:-default}}`"
        problems.append(Problem(path, f"environment variable {match['name']} is not set; {hint}"))
        return ""

    return fill(data, ""), problems


def _strings(data: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, Mapping):
        for key, inner in cast("Mapping[object, object]", data).items():
            yield from _strings(inner, join(path, str(key)))
    elif isinstance(data, list):
        for index, inner in enumerate(cast("list[object]", data)):
            yield from _strings(inner, join(path, index))
