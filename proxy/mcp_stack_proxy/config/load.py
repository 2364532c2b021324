"""From a file or variable to a ProxyConfig. Two dialects: our YAML (`servers`), and a client's `servers.json` (`mcpServers`)."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from .client_cli import nested
from .client_entry import audited, entry_problems, rested, top_problems
from .environment import environment as with_files
from .errors import ConfigError, Problem
from .model import ProxyConfig
from .placeholders import substitute
from .strict import join, validate

INLINE = "MCP_SERVERS_CONFIG"
PATH = "MCP_CONFIG_PATH"
DIRECTORY = "MCP_CONFIG_DIR"

_CLIENT_TYPES = {"stdio": "command", "http": "url", "streamable-http": "url", "streamableHttp": "url"}
"""`type` of a client's entry -> the key that it promises."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a configuration comes from, and its text."""

    name: str
    text: str


def find_source(path: str | None, environment: Mapping[str, str]) -> Source:
    """The configuration to use, in the order of seed 001: `path`, inline variable, path variable, directory, home."""
    if path is not None:
        return _read(Path(path))
    if INLINE in environment:
        return Source(f"${INLINE}", environment[INLINE])
    if PATH in environment:
        return _read(Path(environment[PATH]))
    if DIRECTORY in environment:
        return _read(Path(environment[DIRECTORY]) / "servers.json")
    home = Path(environment.get("HOME", "/nonexistent")) / ".config" / "mcp" / "servers.json"
    if home.exists():
        return _read(home)
    raise ConfigError("configuration", [Problem("", f"none given: pass --config FILE, or set {PATH} or {INLINE}")])


def load(source: Source, environment: Mapping[str, str], override: Mapping[str, object] | None = None) -> ProxyConfig:
    """The configuration that `source` holds, placeholders filled; ConfigError with all problems otherwise.

    `environment` is the process's; the files of MCP_VARIABLES_DIR complete it. `override` replaces keys of the document.
    """
    data, problems = substitute({**parse(source), **(override or {})}, with_files(environment))
    if problems:
        raise ConfigError(source.name, problems)
    return validate(ProxyConfig, data, source.name)


def parse(source: Source) -> dict[str, Any]:
    """The document in our own dialect, placeholders untouched. JSON may hold comments, as many clients write them."""
    found = document(source)
    if not isinstance(found, dict):
        raise ConfigError(source.name, [Problem("", "expected a mapping with `servers` or `mcpServers`")])
    data = cast("dict[str, Any]", found)
    if "mcpServers" not in data:
        return data
    if "servers" in data:
        raise ConfigError(source.name, [Problem("mcpServers", "`servers` says the same; keep one of the two")])
    return _from_client(data, source.name)


def _from_client(data: dict[str, Any], source: str) -> dict[str, Any]:
    """A client's `mcpServers` as `servers`: `type` is checked against the entry and dropped."""
    entries: object = data["mcpServers"]
    rest = {key: value for key, value in data.items() if key != "mcpServers"}
    if not isinstance(entries, dict):
        return {**rest, "servers": entries}
    problems = top_problems(rest)
    servers: dict[Any, object] = {}
    for name, entry in cast("dict[Any, object]", entries).items():
        servers[name] = entry
        if not isinstance(entry, dict):
            continue
        problems += entry_problems(cast("dict[Any, object]", entry), join("mcpServers", name))
        servers[name] = keys = rested(nested(cast("dict[Any, object]", entry)))
        if "type" not in keys:
            continue
        kind = str(keys["type"])
        if _CLIENT_TYPES.get(kind) not in keys:
            known = ", ".join(sorted(_CLIENT_TYPES))
            need = f"needs `{_CLIENT_TYPES[kind]}` beside it" if kind in _CLIENT_TYPES else f"is not supported, use one of: {known}"
            problems.append(Problem(join("mcpServers", name, "type"), f"{kind!r} {need}"))
        servers[name] = {key: value for key, value in keys.items() if key != "type"}
    if problems:
        raise ConfigError(source, problems)
    return {**audited(rest), "servers": servers}


class _UniqueKeys(yaml.SafeLoader):
    """YAML that refuses a key written twice, instead of silently keeping the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = str(key_node.value)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is written twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"key {key!r} is written twice")
        result[key] = value
    return result


def document(source: Source) -> object:
    """What `source` holds, as YAML or JSON with comments; ConfigError where it is neither, ambiguous or beyond reason."""
    text = source.text
    try:
        if text.lstrip().startswith(("{", "/")):
            found = json.loads(_without_comments(text), object_pairs_hook=_unique_pairs)
        else:
            found = yaml.load(text, _UniqueKeys)  # noqa: S506 - a SafeLoader
        return _bounded(found)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise ConfigError(source.name, [Problem("", f"cannot be parsed: {_reason(error)}")]) from None


def _reason(error: Exception) -> str:
    """What is wrong and where, without the quoted line that YAML's messages bring: it may hold a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{error.problem}: line {error.problem_mark.line + 1} column {error.problem_mark.column + 1}"
    return str(error)


MAX_DEPTH = 50
MAX_VALUES = 200_000
"""What aliases expand to is counted, too: a few lines of YAML can stand for more values than any memory holds."""


def _bounded(document: object) -> object:
    """`document`, or ValueError where it is nested or large beyond reason, a list that contains itself among them."""
    count, level = 0, [document]
    for _ in range(MAX_DEPTH):
        if not level:
            return document
        count += len(level)
        if count > MAX_VALUES:
            raise ValueError(f"more than {MAX_VALUES} values, aliases expanded")
        level = [inner for value in level for inner in _children(value)]
    raise ValueError(f"nested deeper than {MAX_DEPTH} levels")


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[object, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)


_LAST_COMMA = re.compile(r'"(?:\\.|[^"\\])*"|(?<=[^\s\[{,]),(?=\s*[}\]])|(?<=[^\s\[{,])(?P<space>\s+),(?=\s*[}\]])', re.DOTALL)


def _without_comments(text: str) -> str:
    """JSON without `//` and `/* */` comments, and without the comma after a last element, which editors take, too; line numbers
    stay as they were."""
    plain = _COMMENT.sub(lambda match: match[0] if match[0].startswith('"') else "\n" * match[0].count("\n"), text)
    return _LAST_COMMA.sub(lambda match: match[0] if match[0].startswith('"') else match["space"] or "", plain)


def _read(path: Path) -> Source:
    try:
        return Source(str(path), path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(str(path), [Problem("", f"cannot be read: {reason}")]) from None
