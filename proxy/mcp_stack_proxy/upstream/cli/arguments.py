"""From a call's arguments to the words of a command line. Every value stays a value: none can become an option or a second word."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .model import Option, Positional
from .tools import MAX_REPEATS, STDIN, Source, Tool, counted

MAX_WORD = 128 * 1024 - 1
"""Bytes of one argument of a process (MAX_ARG_STRLEN of Linux)."""
MAX_WORDS = 10_000

_LONG = re.compile(r"--\w")


class Unusable(Exception):
    """Arguments that cannot be made into a command line. Names the argument and the remedy, not the value."""


def words_of(tool: Tool, arguments: Mapping[str, Any], *, end_of_options: str | None, joined_values: bool) -> list[str]:
    """The words behind the program's own arguments; Unusable where `arguments` are not what the tool's schema says."""
    known = {*tool.parameters, *([STDIN] if tool.stdin else [])}
    if unknown := sorted(set(arguments) - known):
        raise Unusable(f"`{unknown[0][:100]}` is no argument of this tool; it has: {', '.join(sorted(known)) or 'none'}")
    options: list[str] = []
    plain: list[str] = []
    separated: list[str] = []
    for name, source in tool.parameters.items():
        value = arguments.get(name)
        if value is None:
            if source.required:
                raise Unusable(f"`{name}` is required")
        elif isinstance(source, Option):
            options += _option(name, source, value, joined_values=joined_values)
        else:
            (separated if source.separated else plain).extend(_texts(name, source, value))
            if end_of_options is None and not source.separated:
                _no_dashes(name, plain)
    if plain and plain[0] in tool.reserved:
        raise Unusable(f"{plain[0]!r} is a subcommand, which is a tool of its own")
    words = [*tool.words, *options]
    if end_of_options is not None and (plain or separated):
        words += [end_of_options, *plain, *(["--"] if separated and end_of_options != "--" else []), *separated]
    else:
        words += [*plain, *(["--", *separated] if separated else [])]
    if len(words) > MAX_WORDS:
        raise Unusable(f"the call has {len(words)} words, at most {MAX_WORDS} are passed on")
    return words


def stdin_of(tool: Tool, arguments: Mapping[str, Any]) -> bytes:
    """What the program is given to read."""
    text = arguments.get(STDIN) if tool.stdin and STDIN not in tool.parameters else None
    if text is None:
        return b""
    if not isinstance(text, str):
        raise Unusable(f"`{STDIN}` must be a string")
    return text.encode("utf-8", "replace")


def _no_dashes(name: str, words: list[str]) -> None:
    if any(word.startswith("-") and word != "-" for word in words):
        hint = "write a path as `./-name`, or set `cli.end_of_options` for this server if the program knows `--`"
        raise Unusable(f"`{name}` begins with `-`, which the program could take for an option; {hint}")


def _texts(name: str, source: Positional, value: Any) -> list[str]:
    if source.repeated:
        if not isinstance(value, list):
            raise Unusable(f"`{name}` must be a list of strings")
        if source.required and not value:
            raise Unusable(f"`{name}` needs at least one value")
        return [_text(name, source, one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return [_text(name, source, value)]


def _text(name: str, source: Source, value: Any) -> str:
    if not isinstance(value, str):
        raise Unusable(f"`{name}` must be {'a list of strings' if source.repeated else 'a string'}")
    if source.choices and value not in source.choices:
        raise Unusable(f"`{name}` must be one of: {', '.join(source.choices)}")
    return _word(name, value)


def _word(name: str, value: str) -> str:
    if "\0" in value:
        raise Unusable(f"`{name}` holds a NUL character, which no argument of a process can")
    try:
        size = len(value.encode())
    except UnicodeEncodeError:
        raise Unusable(f"`{name}` holds half of a surrogate pair, which is no text") from None
    if size > MAX_WORD:
        raise Unusable(f"`{name}` has {size} bytes, an argument of a process at most {MAX_WORD}")
    return value


def _option(name: str, option: Option, value: Any, *, joined_values: bool) -> Iterator[str]:
    if option.value is None:
        yield from _switched(name, option, value)
    elif option.repeated:
        if not isinstance(value, list):
            raise Unusable(f"`{name}` must be a list")
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _valued(name, option, one, joined_values=joined_values)
    else:
        yield from _valued(name, option, value, joined_values=joined_values)


def _switched(name: str, option: Option, value: Any) -> Iterator[str]:
    best = _best(option)
    if counted(option):
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_REPEATS:
            raise Unusable(f"`{name}` must be a whole number from 0 to {MAX_REPEATS}")
        yield from [best] * value
    elif not isinstance(value, bool):
        raise Unusable(f"`{name}` must be true or false")
    elif option.explicit:
        yield f"{best}={str(value).lower()}"
    elif value:
        yield best
    elif option.negative is not None:
        yield option.negative


def _valued(name: str, option: Option, value: Any, *, joined_values: bool) -> Iterator[str]:
    best = _best(option)
    if isinstance(value, bool):
        if not option.optional:
            raise Unusable(f"`{name}` needs a value: {_expected(option)}")
        if value:
            yield best
        elif option.negative is not None:
            yield option.negative
        return
    text = _converted(name, option, value)
    if (_LONG.match(best) and (joined_values or option.optional)) or (option.joined and joined_values):
        yield f"{best}={text}"
    elif option.optional:
        yield _attached(name, best, text)
    elif text.startswith("-") and text != "-":
        raise Unusable(f"`{name}` begins with `-`, and could be taken for an option: `{best}` has its value in a word of its own")
    else:
        yield best
        yield text


def _attached(name: str, best: str, text: str) -> str:
    """The value of a short option that can stand without one, in one word with it. The whole of it belongs to the option only if it
    does take one, so what it says must not be able to spell further options."""
    if not (text.isascii() and text.isdigit()):
        raise Unusable(
            f"`{name}` takes a number only: `{best}` has its value in the same word, in which a program may read further options"
        )
    return best + text


def _converted(name: str, option: Option, value: Any) -> str:
    if isinstance(value, str) and "string" in option.types:
        if option.choices and value not in option.choices:
            raise Unusable(f"`{name}` must be one of: {', '.join(option.choices)}")
        return _word(name, value)
    if isinstance(value, int) and ("integer" in option.types or "number" in option.types):
        return str(value)
    if isinstance(value, float) and "number" in option.types:
        return repr(value)
    if isinstance(value, float) and "integer" in option.types and value.is_integer():
        return str(int(value))  # JSON has no integers, and JSON Schema takes 2.0 for one
    raise Unusable(f"`{name}` must be {_expected(option)}")


def _expected(option: Option) -> str:
    return " or ".join({"integer": "a whole number", "number": "a number", "string": "a string"}[one] for one in option.types)


def _best(option: Option) -> str:
    """Its clearest name: a long one, if it has any."""
    return next((name for name in option.names if name.startswith("--")), option.names[0])
