"""What else seed 001's `servers.json` says of a server and of the proxy: read in our words where we have them, else refused in
words that help. Nothing in such a file is accepted and then does nothing."""

from collections.abc import Mapping
from typing import Any, cast

from .errors import Problem
from .observing import FILES
from .strict import join

_REST = ("idle_timeout", "min_idle_timeout", "max_idle_timeout")
"""Keys of `process` that stand flat in an entry."""

_NOWHERE = {
    "tool_acl": "reading and writing tools are not told apart for callers; `tools: {deny: […]}` keeps tools from all of them",
    "disabled": "an entry that is there runs; take it out",
}
_TOP = {
    "serverAuth": "callers show API keys: give `authentication: {api_keys: FILE}`, and make keys with `mcp-stack-proxy new-key`",
}
_PATHS = ("path", "index_path")
"""Keys of `files` that stand flat in its `audit`."""
_TAKEN = {"path", "index_path", "log_arguments", "enabled"}


def rested(entry: Mapping[Any, object]) -> dict[Any, object]:
    """`entry` with its times of rest inside `process`. `min_` and `max_idle_timeout` alone mean `adaptive`, as they do there."""
    flat = {key: entry[key] for key in _REST if key in entry}
    if not flat or "command" not in entry or "cli" in entry or not isinstance(entry.get("process", {}), Mapping):
        return dict(entry)
    kept = {key: value for key, value in entry.items() if key not in flat}
    process = cast("Mapping[str, object]", entry.get("process") or {})
    return {**kept, "process": {"idle_timeout": "adaptive", **flat, **process}}


def entry_problems(entry: Mapping[Any, object], path: str) -> list[Problem]:
    """Keys of seed 001 that an entry cannot have here, each with what to do instead."""
    found = [Problem(join(path, key), why) for key, why in _NOWHERE.items() if key in entry]
    if "command" not in entry or "cli" in entry:
        what = "nothing runs here that could rest" if "command" not in entry else "such a program runs once for each call"
        found += [Problem(join(path, key), f"does nothing, {what}; remove it") for key in _REST if key in entry]
    return found


def top_problems(data: Mapping[str, object]) -> list[Problem]:
    """Sections of seed 001 that there are not."""
    return [Problem(key, why) for key, why in _TOP.items() if key in data]


def audited(data: dict[str, Any]) -> dict[str, Any]:
    """`data` with seed 001's `audit` in our words: off is no section, logged arguments are `full`, directories are `files`."""
    audit: object = data.get("audit")
    if not isinstance(audit, Mapping) or not _TAKEN & set(cast("Mapping[str, object]", audit)):
        return data
    section = cast("Mapping[str, object]", audit)
    rest = {key: value for key, value in data.items() if key != "audit"}
    if section.get("enabled") is False or section.get("output") == "none":
        return rest
    ours = {key: value for key, value in section.items() if key not in _TAKEN}
    files = {key: section[key] for key in _PATHS if key in section}
    if files and section.get("output") in (None, *FILES):  # elsewhere they do nothing there, either
        ours["files"] = files
    if "enabled" in section and section["enabled"] is not True:
        ours["enabled"] = section["enabled"]  # no boolean, which the model refuses
    if "log_arguments" in section:
        logged = section["log_arguments"]
        ours["arguments"] = {True: "full", False: "none"}.get(logged, logged) if isinstance(logged, bool) else logged
    return {**rest, "audit": ours}
