"""One option out of its line and what is written below or beside it."""

import re
from dataclasses import dataclass, field

from .model import Option

_NAME = r"--?(?:\[no-\])?[A-Za-z0-9?@#$%][\w?.:+-]*"
_OPTION = re.compile(_NAME)
_HEAD = re.compile(rf"(?:\*\s+)?(?={_NAME})")
_GAP = re.compile(r"\s{2,}")
_GO = re.compile(r"((?:-\w, )?--[\w.-]+)=(.*):$")
_PLACE = re.compile(r"<[^>]*>|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|[<\[(]?[A-Za-z][^\s,]*|\.\.\.")
_COLUMN = re.compile(r"(?:[A-Z][A-Z0-9_]*|<[^>]*>|\[[^\]|]*\|[^\]]*\]|INTEGER RANGE)(?:\.\.\.)?(?=\s{2,}|$)")
_REPEATED = re.compile(
    r"\b(?:repeat(?:ed|edly)?|multiple times|more than once|several times|multiple (?:flags|options)"
    r"|additive|can be (?:used|specified|given) (?:multiple|several|many))\b",
    re.IGNORECASE,
)
_REQUIRED = re.compile(r"[\[(](?:[^\])]*;\s*)?required\b[^\])]*[\])]", re.IGNORECASE)
_DEFAULT = re.compile(r"""[\[(](?:[^\])]*;\s*)?default(?:s to|:|\s+is)?[:=\s]\s*(["']?)([^"')\];]*)\1[^\])]*[\])]""", re.IGNORECASE)
_CHOICES = (
    re.compile(r"\[possible values: ([^\]]+)\]"),
    re.compile(r"\b[Oo]ne of:? \(([^()]+)\)"),
    re.compile(r"\b[Oo]ne of:? \[([^\[\]]+)\]"),
    re.compile(r"\((?:choose from|choices:?) ([^()]+)\)"),
)
_CHOICE = re.compile(r"""["']?([A-Za-z0-9][\w.:+/-]*)["']?""")

MAX_DESCRIPTION = 1000
"""Characters that are kept of what is said of an option."""

INTEGERS = {"int", "integer", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "INTEGER", "INT"}
NUMBERS = {"float", "float32", "float64", "FLOAT"}
PERHAPS_INTEGERS = {"n", "N", "num", "NUM", "NUMBER", "number", "count", "COUNT"}
LISTS = {"strings", "stringArray", "stringSlice", "stringToString", "ints", "intSlice", "list"}


@dataclass(slots=True)
class Draft:
    """An option as its lines are read."""

    head: str
    indent: int
    column: int
    """Where its description begins, 0 while there is none."""
    words: list[str] = field(default_factory=list[str])
    listed: list[str] = field(default_factory=list[str])
    """Values that its description lists, one a line."""


def begins_option(text: str) -> bool:
    """Whether `text` begins with the name of an option."""
    return text.startswith(("-", "*")) and _HEAD.match(text) is not None


def drafted(text: str, indent: int) -> Draft:
    """The line that an option begins with, split into its names and the start of its description."""
    marker = _HEAD.match(text)
    start = marker.end() if marker is not None else 0
    required = start > 0
    position = start
    head_end = len(text)
    for gap in _GAP.finditer(text, start):
        rest = text[gap.end() :]
        head_end = gap.start()
        position = gap.end()
        if not begins_option(rest) and not _COLUMN.match(rest):
            break
        head_end, position = len(text), len(text)
    head = text[start:head_end]
    description = text[position:] if head_end < len(text) else ""
    draft = Draft(head, indent, indent + position if description else 0)
    if required:
        draft.words.append("[required]")
    if description:
        draft.words.append(description)
    return draft


def option_of(draft: Draft) -> Option | None:
    """The option, None where the line was none after all."""
    description = " ".join(draft.words).strip()[:MAX_DESCRIPTION]
    go = _GO.match(draft.head)
    if go is not None:
        return _go_option(go, description)
    head = _Head()
    head.read(draft.head)
    if not head.names or head.crowd:
        return None
    value = head.value
    default = _DEFAULT.search(description)
    return Option(
        names=tuple(head.names),
        value=None if value is None else (value if "|" in value else value.strip("<>[]=. ")) or "value",
        optional=head.optional,
        joined=head.joined,
        negative=head.negative if value is None or head.optional else None,
        repeated=value in LISTS or head.dots or _REPEATED.search(description) is not None,
        required=_REQUIRED.search(description) is not None,
        types=("boolean",) if value is None else _types(value.strip("<>[]=. ")),
        choices=_choices(value, description, draft.listed) if value is not None else (),
        default=default[2].strip() or None if default is not None and value is not None and "[" not in default[2] else None,
        description=description,
    )


class _Head:
    """Goes through what stands before the description: names, and a value."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.negative: str | None = None
        self.value: str | None = None
        self.optional = False
        self.joined = False
        self.dots = False
        self._off = False
        """A slash was met: names that follow switch it off."""
        self._commas = 0

    @property
    def crowd(self) -> bool:
        """Whether it is a row of several options, as `find` lists them, rather than names of one."""
        return len(self.names) > 2 and not self._commas

    def read(self, rest: str) -> None:
        """Take in the text."""
        while rest:
            if (match := _OPTION.match(rest)) is not None:
                rest = self._name(match, rest)
            elif rest[0] in ", |;/":
                self._off = self._off or rest[0] == "/"
                self._commas += rest[0] in ",|"
                rest = rest[1:]
            elif (place := _PLACE.match(rest)) is not None and self.names:
                self._place(place[0])
                rest = rest[place.end() :]
            else:
                return

    def _name(self, match: re.Match[str], rest: str) -> str:
        name = match[0].rstrip(".,:")
        self.dots = self.dots or match[0].endswith("...")
        if name.startswith("--[no-]"):
            name, self.negative = f"--{name[7:]}", f"--no-{name[7:]}"
        if self._off:
            self.negative = self.negative or name
        elif self._is_opposite(name, rest[match.end() :]):
            self.negative = name
        else:
            self.names[name] = None
        rest = rest[match.end() :]
        attached = _attached(rest)
        if attached is None:
            return rest
        found, optional, length = attached
        self.value = self.value or found
        self.optional = self.optional or optional
        self.joined = self.joined or name.startswith("--")
        return rest[length:]

    def _is_opposite(self, name: str, rest: str) -> bool:
        """Whether `--no-x` stands beside `--x`."""
        plain = f"--{name[5:]}"
        return name.startswith("--no-") and (plain in self.names or rest.startswith((f", {plain}", f" {plain}")))

    def _place(self, place: str) -> None:
        self.dots = self.dots or place.endswith("...")
        if self.value is None and place != "...":
            self.value = place
            self.optional = place.startswith("[") and "|" not in place


def _attached(rest: str) -> tuple[str, bool, int] | None:
    """A value in one word with the name: `=FILE`, `[=WHEN]`, `=<a b>`. Its name, whether it may be left out, and how long it is."""
    match = re.match(r"\[=([^\]]*)\]?|=(<[^>]*>|\([^)]*\)|\[[^\]]*\]|\{[^}]*\}|[^\s,]+)", rest)
    if match is None:
        return None
    found = match[1] if match[1] is not None else match[2]
    return found, match[1] is not None, match.end()


def _go_option(match: re.Match[str], description: str) -> Option:
    """`-A, --all=false:` as kubectl writes it: the default shows the type."""
    names = tuple(match[1].split(", "))
    default = match[2]
    choices = _choices(None, description, [])
    if default in ("true", "false"):
        return Option(names, explicit=True, types=("boolean",), default=default, description=description)
    if re.fullmatch(r"-?\d+", default):
        return Option(names, "integer", joined=True, types=("integer",), default=default, description=description)
    plain = default.strip("'\"")
    return Option(
        names,
        "string",
        joined=True,
        repeated=default.startswith("["),
        choices=choices if not default.startswith("[") else (),
        default=plain if plain and not default.startswith("[") else None,
        description=description,
    )


def _types(value: str) -> tuple[str, ...]:
    if value in INTEGERS:
        return ("integer",)
    if value in NUMBERS:
        return ("number",)
    if value in PERHAPS_INTEGERS:
        return ("integer", "string")
    return ("string",)


def _choices(value: str | None, description: str, listed: list[str]) -> tuple[str, ...]:
    """Values that are the only ones. What reads like examples or types is none."""
    if listed:
        return tuple(dict.fromkeys(listed))
    text = None
    if value is not None and "|" in value:
        text = value.strip("<>[](){}= ").replace("|", ",")
    elif value is not None and value.startswith("{") and "," in value:
        text = value.strip("{}")
    else:
        found = next((match for pattern in _CHOICES if (match := pattern.search(description)) is not None), None)
        text = found[1].replace("|", ",") if found is not None else None
    if text is None:
        return ()
    parts = [part.strip() for part in re.split(r",\s*(?:or |and )?| or ", text) if part.strip()]
    names = [match[1] for part in parts if (match := _CHOICE.fullmatch(part)) is not None]
    return tuple(dict.fromkeys(names)) if len(names) == len(parts) and names else ()
