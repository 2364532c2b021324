"""Tools of a wrapped program: a name, and a JSON Schema of its arguments, for each command that can be called."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from .model import Command, Option, Positional

MAX_NAME = 64
"""Characters of tools' names and arguments' names: several clients take no more."""

REST = "args"
"""Argument for the values that the help does not name."""
STDIN = "stdin"

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")

Source: TypeAlias = Option | Positional
"""What an argument of a tool stands for."""

OUTPUT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "exit_code": {"type": "integer", "description": "0 for success; negative: the signal that ended it"},
        "stdout": {"type": "string"},
        "stderr": {"type": "string"},
        "truncated": {"type": "boolean", "description": "The middle of stdout or stderr was left out"},
        "timed_out": {"type": "boolean", "description": "It was ended because it took too long"},
    },
    "required": ["exit_code", "stdout", "stderr", "truncated", "timed_out"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and how its calls become runs."""

    name: str
    description: str
    words: tuple[str, ...]
    """Arguments that every call begins with."""
    parameters: Mapping[str, Source]
    """Arguments by name, options first; values that belong to no option in the order of the usage line."""
    stdin: bool = False
    read_only: bool = False
    reserved: frozenset[str] = frozenset()
    """Subcommands, which are tools of their own: no call of this one may name them as a value."""

    def listed(self) -> dict[str, Any]:
        """Its entry in `tools/list`."""
        properties = {name: _schema(source) for name, source in self.parameters.items()}
        if self.stdin:
            properties[STDIN] = {"type": "string", "description": "Text for the program's standard input"}
        schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        if required := [name for name, source in self.parameters.items() if source.required]:
            schema["required"] = required
        entry: dict[str, Any] = {"name": self.name, "description": self.description, "inputSchema": schema}
        entry["outputSchema"] = OUTPUT_SCHEMA
        if self.read_only:
            entry["annotations"] = {"readOnlyHint": True}
        return entry


def tool_of(
    words: Sequence[str], command: Command, name: str, summary: str, offered: Callable[[Option], bool], *, stdin: bool
) -> Tool:
    """The tool `name` for what `words` call; `offered` says which options it takes."""
    sources: list[Source] = [option for option in command.options if offered(option)]
    sources += command.positionals
    if command.open:
        separated = any(one.separated for one in command.positionals)
        sources.append(
            Positional(REST, required=False, repeated=True, separated=separated, description="Further values, one by one")
        )
    parameters: dict[str, Source] = {}
    for source in sources:
        parameters[unique(_parameter(source), {*parameters, *([STDIN] if stdin else [])})] = source
    text = command.summary or summary
    call = " ".join(words)
    text = text or (f"Runs `{call}`" if call else "Runs the program")
    return Tool(name, text, tuple(words), parameters, stdin, reserved=frozenset(entry.name for entry in command.subcommands))


def tool_name(prefix: str, words: Iterable[str]) -> str:
    """`git` and `remote`, `show` as `git_remote_show`; a name that is too long ends with a digest of the whole."""
    text = "_".join(_NOT_IN_NAMES.sub("_", part) for part in (prefix, *words) if part).strip("_") or "run"
    if len(text) <= MAX_NAME:
        return text
    return f"{text[: MAX_NAME - 9]}_{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def unique(name: str, taken: Iterable[str]) -> str:
    """`name`, with a number where it is taken."""
    taken = set(taken)
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        ending = f"_{number}"
        candidate = name[: MAX_NAME - len(ending)] + ending
    return candidate


def _parameter(source: Source) -> str:
    """`--dry-run` as `dry_run`, `-n` as `n`, `<path>` as `path`."""
    text = source.name if isinstance(source, Positional) else max(source.names, key=lambda name: (name.startswith("--"), len(name)))
    return _NOT_IN_NAMES.sub("_", text.replace("-", "_")).strip("_")[:MAX_NAME] or "value"


def _schema(source: Source) -> dict[str, Any]:
    if isinstance(source, Positional):
        schema: dict[str, Any] = {"type": "string"}
        if source.choices:
            schema["enum"] = list(source.choices)
        if source.repeated:
            schema = {"type": "array", "items": schema, **({"minItems": 1} if source.required else {})}
    else:
        schema = _option_schema(source)
    if source.description:
        schema["description"] = source.description
    return schema


def _option_schema(option: Option) -> dict[str, Any]:
    if option.value is None:
        return {"type": "integer", "minimum": 0, "maximum": MAX_REPEATS} if counted(option) else {"type": "boolean"}
    types = [*option.types, "boolean"] if option.optional else [*option.types]
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if option.choices:
        schema["enum"] = [*option.choices, *((True, False) if option.optional else ())]
    if option.repeated:
        return {"type": "array", "items": schema}
    if (default := _default(option)) is not None:
        schema["default"] = default
    return schema


MAX_REPEATS = 10
"""Times that a switch which counts, such as `-v`, may be given."""


def counted(option: Option) -> bool:
    """Whether it is a switch that means more when it is given more often."""
    return option.value is None and option.repeated and option.negative is None and not option.explicit


def _default(option: Option) -> Any:
    """The default as the help states it, where it is a value that the option takes."""
    text = option.default
    if text is None or (option.choices and text not in option.choices):
        return None
    if option.types[0] == "integer":
        return int(text) if re.fullmatch(r"-?\d{1,15}", text) else None
    if option.types[0] == "number":
        return float(text) if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,15})?", text) else None
    return text
