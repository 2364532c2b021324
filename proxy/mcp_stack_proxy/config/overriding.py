"""Times and audit by variables, as seed 001 takes them: they stand over the document."""

from collections.abc import Mapping
from typing import Any, cast

from .errors import ConfigError, Problem
from .observing import FILES

TIMES: Mapping[str, str] = {"MCP_TIMEOUT": "exchange_seconds", "MCP_PROXY_REQUEST_TIMEOUT": "request_seconds"}
"""Variable with seconds -> key of `limits`."""

AUDIT_ENABLED, AUDIT_OUTPUT = "MCP_AUDIT_ENABLED", "MCP_AUDIT_OUTPUT"
AUDIT_PATHS: Mapping[str, str] = {"MCP_AUDIT_PATH": "path", "MCP_AUDIT_INDEX_PATH": "index_path"}
"""Variable with a directory -> key of `audit.files`."""

_SWITCH = {"true": True, "1": True, "false": False, "0": False}


def times_by_variables(limits: object, environment: Mapping[str, str]) -> dict[str, Any]:
    """`limits` of a document with what variables say in their place; nothing where they say nothing. The model checks it."""
    given = {key: _number(environment[name]) for name, key in TIMES.items() if name in environment}
    if not given:
        return {}
    return {"limits": {**limits, **given} if isinstance(limits, Mapping) else given}


def audit_by_variables(audit: object, environment: Mapping[str, str]) -> dict[str, Any]:
    """`audit` of a document with what variables say in its place; nothing where they say nothing. The model checks it.

    Directories alone do nothing beside an output that stores nothing: the seed's manifests always name them.
    """
    given = {key: environment[name].replace("$", "$$") for name, key in AUDIT_PATHS.items() if name in environment}
    enabled, output = _switch(environment.get(AUDIT_ENABLED)), environment.get(AUDIT_OUTPUT)
    if enabled is False or output == "none":
        return {"audit": None}
    if not (enabled or output or "path" in given or (audit is not None and given)):
        return {}
    if audit is not None and not isinstance(audit, Mapping):
        return {}
    section = dict(cast("Mapping[str, Any]", audit or {}))
    if output:
        section["output"] = output.replace("$", "$$")
        if output not in FILES:
            section.pop("files", None)
    files: object = section.get("files", {})
    if given and isinstance(files, Mapping) and _stores(section, given):
        section["files"] = {**files, **given}
    return {"audit": section}


def _stores(section: Mapping[str, Any], given: Mapping[str, str]) -> bool:
    """Whether records are stored: where the output says so, or nothing says otherwise and there is a place for them."""
    output = section.get("output")
    return output in FILES if output is not None else "path" in given or "files" in section


def _switch(text: str | None) -> bool | None:
    if text is None or text == "":
        return None
    if text.lower() not in _SWITCH:
        raise ConfigError(f"${AUDIT_ENABLED}", [Problem("", f"{text!r} is neither `true` nor `false`")])
    return _SWITCH[text.lower()]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
