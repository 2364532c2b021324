"""What External Secrets makes of values on their way: members of JSON, decoding, names of keys, templates.

From its guides "Extract structured data", "Decoding strategy", "Rewriting keys" and "Advanced templating"; of templates only what
names a value: `{{ .key }}` and `{{ index . "key" }}`, for Infisical's operator with `.Value` behind.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from tests.e2e.stores.client import StoreError

Values = dict[str, bytes]

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}")
_NAMED = re.compile(r'(?:\.([A-Za-z_]\w*)|\(?index \. "([^"]+)"\)?)(\.Value)?')


def member(text: str, path: str, of: str) -> str:
    """Member `a.b` of a JSON object; StoreError where there is none."""
    found: Any = json.loads(text) if text.lstrip().startswith("{") else {}
    if isinstance(found, dict) and path in found:
        found = found[path]
    else:
        for part in path.split("."):
            if not isinstance(found, dict) or part not in found:
                raise StoreError(f"key {path} does not exist in secret {of}")
            found = found[part]
    return found if isinstance(found, str) else json.dumps(found)


def members(text: str, of: str) -> Values:
    """Every member of a JSON object."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise StoreError(f"unable to unmarshal secret {of}: {error}") from None
    return {key: (value if isinstance(value, str) else json.dumps(value)).encode() for key, value in found.items()}


def decoded(value: bytes, strategy: str) -> bytes:
    """`value` without the encoding that the store has it in."""
    try:
        match strategy:
            case "Base64":
                return base64.b64decode(value, validate=True)
            case "Base64URL":
                return base64.urlsafe_b64decode(value)
            case "Auto":
                return base64.b64decode(value, validate=True)
            case _:
                return value
    except binascii.Error as error:
        if strategy == "Auto":
            return value
        raise StoreError(f"error applying decoding strategy {strategy} to data: {error}") from None


def converted(values: Values, strategy: str) -> Values:
    """Keys with what no key of a Secret may hold replaced."""
    other = (lambda found: f"_U{ord(found[0]):04x}_") if strategy == "Unicode" else "_"
    return {re.sub(r"[^-._a-zA-Z0-9]", other, key): value for key, value in values.items()}


def rewritten(values: Values, steps: Iterable[Mapping[str, Any]]) -> Values:
    """Keys after the steps of `rewrite`."""
    for step in steps:
        if (rule := step.get("regexp")) is not None:
            target = re.sub(r"\$(\d+)", r"\\g<\1>", rule["target"])
            values = {re.sub(rule["source"], target, key): value for key, value in values.items()}
        elif (rule := step.get("transform")) is not None:
            values = {rendered(rule["template"], {"value": key}): value for key, value in values.items()}
        else:
            raise StoreError(f"this stand-in does no rewrite by {next(iter(step))}")
    return values


def rendered(template: str, values: Mapping[str, str]) -> str:
    """The text that a template makes of `values`."""

    def value(found: re.Match[str]) -> str:
        named = _NAMED.fullmatch(found[1])
        if named is None:
            raise StoreError(f"could not execute template: this stand-in does not know {found[0]}")
        key = named[1] or named[2]
        if key not in values:
            raise StoreError(f'could not execute template: map has no entry for key "{key}"')
        return values[key]

    return _ACTION.sub(value, template)
