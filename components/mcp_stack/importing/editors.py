"""What editors put in place of a value: variables of whoever runs them, and what they ask that person for."""

import re
from collections.abc import Mapping
from typing import Any, cast

from ..spec.rules.variables import OF_THE_PROCESS
from .literals import variable_name

_PLACEHOLDER = re.compile(r"\$\{(env|input|config|command|workspaceFolder):([^{}]+)\}")
_SEPARATOR = re.compile(r"\$\{(?:pathSeparator|/)\}")
_AUTHORS = re.compile(rf"\$\{{({OF_THE_PROCESS.pattern})(:-[^{{}}]*)?\}}")
"""Variables of the author's machine under names that a process in a pod has for itself."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def plain(value: Any) -> Any:
    """`value` with an editor's `${env:NAME}`, `${input:id}` and the like as variables, which become secrets like every other."""
    if isinstance(value, str):
        return _AUTHORS.sub(r"${CLIENT_\1\2}", _PLACEHOLDER.sub(_variable, _SEPARATOR.sub("/", value)))
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list):
        return [plain(inner) for inner in cast("list[Any]", value)]
    return value


def _variable(match: re.Match[str]) -> str:
    kind, (name, default, text) = match[1], match[2].partition(":-")
    own = () if kind in ("env", "input") else (kind,)
    return f"${{{name if kind == 'env' and _VARIABLE.fullmatch(name) else variable_name(*own, name)}{default}{text}}}"
