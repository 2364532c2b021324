"""Secrets that stand in the document as text: where they are seen, and what the stack file says in their place."""

import re
from collections.abc import Container
from dataclasses import dataclass

from mcp_stack_proxy.config import find_placeholders, literal

_TELLING = re.compile(
    r"(?i)token|secret|passw|passphrase|api[-_]?key|apikey|access[-_]?key|private[-_]?key|credential|auth|cookie|dsn|session"
)
"""Names of what is rarely meant for everyone's eyes."""

_LOOKS = re.compile(
    r"(?:sk-|pk-|gh[pousr]_|github_pat_|glpat-|glsa_|xox[abeprs]-|sntrys_|AKIA|ASIA|AIza|eyJ|npm_|pypi-|hf_|msk_|-----BEGIN)"
    r"|^[a-z][a-z0-9+.-]*://[^/@\s]*:[^/@\s]+@"
)
"""Prefixes that issuers give to tokens so that they are found, and URLs with a password."""

_RANDOM = re.compile(r"(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9_+=-]{32,}")
_SCHEME = re.compile(r"(?i)^((?:bearer|basic|token|apikey|bot)\s+)(.+)$", re.DOTALL)
_ONE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PAIR = re.compile(r"([A-Za-z_][\w-]*(?:=|:\s*))((?i:(?:bearer|basic|token)\s+)?)(.+)", re.DOTALL)
"""`NAME=value` and `Name: value` as one argument: variables of a container, headers."""
_QUERY = re.compile(r"([?&]([^=&#]+)=)([^&#]+)")


def is_secret(name: str, value: str) -> bool:
    """Whether `value` of what is called `name` belongs under encryption. Rather once too often: nothing breaks by it."""
    if not value or "${" in value or value.lower() in ("true", "false"):
        return False
    return (bool(_TELLING.search(name)) and not value.isdecimal()) or bool(_LOOKS.search(value) or _RANDOM.fullmatch(value))


def secret_name(*parts: str) -> str:
    """Name for a secret of the stack: a DNS label of at most 40 characters."""
    words = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")
    return words[:40].strip("-") or "secret"


def unused(name: str, taken: Container[str]) -> str:
    """`name`, or with a number behind it where it is taken."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name[:37].rstrip('-')}-{number}"
    return found


def variable_name(*parts: str) -> str:
    """Name for a variable."""
    word = re.sub(r"[^A-Z0-9]+", "_", "_".join(parts).upper()).strip("_") or "VALUE"
    return f"_{word}" if word[0].isdigit() else word


@dataclass(frozen=True, slots=True)
class Needed:
    """A value that the stack needs and its file must not hold: key of the configuration, and where the value is to be found."""

    key: str
    found: str
    content: str | None = None
    """What to set, where it is no secret by itself: hashes of keys."""


class Vault:
    """Secrets that the stack declares, by name; each is one key of the configuration."""

    def __init__(self) -> None:
        self.needed: dict[str, Needed] = {}
        self.taken: set[str] = set()
        """Names that others have in `secrets`."""
        self._values: dict[str, str] = {}

    def keep(self, name: str, found: str, value: str) -> dict[str, str]:
        """Reference to a secret for `value`, which is remembered for this run only to tell equal from different ones."""
        unique, number = name, 1
        while unique in self.taken or (unique in self.needed and self._values.get(unique) != value):
            number += 1
            unique = f"{name[:37].rstrip('-')}-{number}"
        self._values[unique] = value
        self.needed.setdefault(unique, Needed(unique, found))
        return {"secret": unique}

    def variable(self, variable: str) -> dict[str, str]:
        """Reference to a secret for what the variable held where the document was read before."""
        return self.keep(secret_name(variable), f"what the variable {variable} holds", f"${{{variable}}}")

    def declared(self) -> dict[str, dict[str, str]]:
        """`secrets` of the stack file."""
        return {name: {"config": needed.key} for name, needed in sorted(self.needed.items())}


def header(server: str, name: str, value: str, at: str, vault: Vault, env: dict[str, object]) -> str:
    """A header's text with a placeholder in the place of its secret; `env` gets what fills it."""
    value = literal(value)
    scheme = _SCHEME.match(value)
    prefix, rest = (scheme[1], scheme[2]) if scheme else ("", value)
    if "${" not in value and (scheme or is_secret(name, rest)):
        variable = variable_name(server, name)
        env[variable] = vault.keep(secret_name(server, name), f"the text at {at}", rest)
        return f"{prefix}${{{variable}}}"
    fill(value, vault, env)
    return value


def url(server: str, text: str, at: str, vault: Vault, env: dict[str, object]) -> str:
    """A URL without its secrets: a parameter that is one, or the whole where it stands in the path or before the host."""

    def hide(match: re.Match[str]) -> str:
        if not is_secret(match[2], match[3]):
            return match[0]
        variable = variable_name(server, match[2])
        env[variable] = vault.keep(secret_name(server, match[2]), f"the parameter {match[2]!r} at {at}", match[3])
        return f"{match[1]}${{{variable}}}"

    text = literal(text)
    parts = re.split(r"[/?#]", text)
    if _LOOKS.search(text) or any(_RANDOM.fullmatch(part) or _LOOKS.match(part) for part in parts):
        variable = variable_name(server, "url")
        env[variable] = vault.keep(secret_name(server, "url"), f"the text at {at}", text)
        return f"${{{variable}}}"
    hidden = _QUERY.sub(hide, text)
    fill(hidden, vault, env)
    return hidden


def arguments(server: str, words: list[str], at: str, vault: Vault, env: dict[str, object]) -> list[str]:
    """A command line without secrets: `--token=x`, `--token x`, and what looks like one by itself."""
    found: list[str] = []
    before = ""
    for word in map(literal, words):
        option, equals, value = word.partition("=") if word.startswith("-") else (before, "", word)
        named = bool(option) and option.startswith("-")
        hidden = not (word.startswith("-") and not equals) and is_secret(option if named else "", value)
        pair = None if word.startswith("-") and not equals else _PAIR.fullmatch(value)
        if value.startswith(("http://", "https://")):
            found.append(word.removesuffix(value) + url(server, value, at, vault, env))
        elif pair and (pair[2] or is_secret(pair[1], pair[3])) and "${" not in pair[3]:
            variable = variable_name(server, pair[1])
            env[variable] = vault.keep(secret_name(server, pair[1]), f"the argument of {pair[1].strip('=: ')!r} at {at}", pair[3])
            found.append(f"{word.removesuffix(value)}{pair[1]}{pair[2]}${{{variable}}}")
        elif hidden:
            label = option.lstrip("-") or "argument"
            variable = variable_name(server, label)
            env[variable] = vault.keep(secret_name(server, label), f"the argument of {label!r} at {at}", value)
            found.append(f"{option}=${{{variable}}}" if equals else f"${{{variable}}}")
        else:
            fill(word, vault, env)
            found.append(word)
        before = word if word.startswith("-") and not equals else ""
    return found


def environment(server: str, name: str, value: str, at: str, vault: Vault) -> object:
    """Value of a variable: a text, or a reference where it is a secret or was taken from another variable."""
    if one := _ONE.fullmatch(value):
        return vault.variable(one[1])
    if any(not found.optional for found in find_placeholders(value)):
        names = ", ".join(sorted({found.name for found in find_placeholders(value)}))
        return vault.keep(secret_name(server, name), f"the text at {at}, with {names} filled in", value)
    if is_secret(name, value):
        return vault.keep(secret_name(server, name), f"the text at {at}", value)
    return value


def fill(text: str, vault: Vault, env: dict[str, object]) -> None:
    """Declares what fills the placeholders of `text`, as far as the server does not do so itself."""
    for found in find_placeholders(text):
        if not found.optional and found.name not in env:
            env[found.name] = vault.variable(found.name)
