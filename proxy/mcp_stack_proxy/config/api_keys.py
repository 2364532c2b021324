"""The file of API keys: who may call, and how each of them is recognised. It holds hashes, never a key.

A plain SHA-256 is enough, and a slow or salted hash would only cost every call: keys are random tokens, not passwords, and
secrets of at least 112 bits of entropy need no more than an approved one-way hash (NIST SP 800-63B, 5.1.2.2). That is why keys
are made by `mcp-stack-proxy new-key`, and why none that is shorter than MIN_LENGTH is ever accepted.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, cast

import yaml
from pydantic import AfterValidator, Field

from .errors import ConfigError, Problem
from .load import Source, document
from .strict import Strict, validate

KEYS_FILE = "MCP_API_KEYS_FILE"
"""Variable that says where a stack's gateway finds the file, where that is not the usual place."""

MIN_LENGTH = 32
"""Characters of a key. 32 characters of base64 are 192 bits, of hexadecimal digits 128."""

MAX_BYTES = 1024 * 1024
"""Size of the file: what a Kubernetes Secret holds, some 7,000 keys."""

_PREFIX = "msk_"
"""Begins our keys, so that scanners for leaked secrets can tell them."""

_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:/+-]{0,127}")
_ROLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


def _subject(subject: str) -> str:
    if not _SUBJECT.fullmatch(subject):
        raise ValueError("a subject has 1 to 128 letters, digits and `._@:/+-`, and begins with a letter or digit")
    return subject


def _roles(roles: list[str]) -> list[str]:
    for role in roles:
        if not _ROLE.fullmatch(role):
            raise ValueError("a role has 1 to 64 letters, digits and `._:/-`, and begins with a letter or digit")
    if len(set(roles)) < len(roles):
        raise ValueError("a role is given twice")
    return roles


def _hash(value: str) -> str:
    if not _HASH.fullmatch(value):
        raise ValueError("expected `sha256:` and 64 hexadecimal digits in lower case, the SHA-256 of the key; never the key itself")
    return value


class KeyEntry(Strict):
    """One key. A subject may have several, so that the next one can be handed out before the last one is taken away."""

    subject: Annotated[str, AfterValidator(_subject)]
    """Who calls with it."""
    roles: Annotated[list[str], AfterValidator(_roles)] = []
    """What the subject is; for rules that name roles."""
    hash: Annotated[str, AfterValidator(_hash)]
    """`sha256:` and the SHA-256 of the key in hexadecimal digits."""


class KeyList(Strict):
    """The whole file."""

    keys: Annotated[list[KeyEntry], Field(min_length=1)]
    """Every key that is accepted."""


def digest_of(key: bytes) -> str:
    """What the file holds for `key`."""
    return f"sha256:{hashlib.sha256(key).hexdigest()}"


def parse_keys(source: Source) -> Mapping[bytes, KeyEntry]:
    """Entries of the YAML or JSON list in `source` by the digest of their key; ConfigError that repeats none of its values."""
    if len(source.text) > MAX_BYTES:
        raise ConfigError(source.name, [Problem("", f"larger than {MAX_BYTES} bytes")])
    data = cast("list[object] | None", document(source))
    if not isinstance(data, list) or not data:
        raise ConfigError(source.name, [Problem("", "expected a list with at least one entry `{subject, roles, hash}`")])
    try:
        entries = validate(KeyList, {"keys": data}, source.name).keys
    except ConfigError as error:
        problems = [Problem(one.path.removeprefix("keys"), one.message) for one in error.problems]
        raise ConfigError(source.name, problems) from None
    found: dict[bytes, KeyEntry] = {}
    places: dict[bytes, int] = {}
    twice: list[Problem] = []
    for index, entry in enumerate(entries):
        digest = bytes.fromhex(entry.hash.removeprefix("sha256:"))
        if digest in found:
            twice.append(Problem(f"[{index}].hash", f"the key of entry [{places[digest]}] again; each key stands for one subject"))
        found.setdefault(digest, entry)
        places.setdefault(digest, index)
    if twice:
        raise ConfigError(source.name, twice)
    return found


def new_key(subject: str, roles: Sequence[str] = ()) -> tuple[str, KeyEntry]:
    """A key of 256 random bits, and its entry; ConfigError for a name that no entry may have."""
    key = _PREFIX + secrets.token_urlsafe(32)
    return key, validate(KeyEntry, {"subject": subject, "roles": list(roles), "hash": digest_of(key.encode())}, "new-key")


def entries_text(entries: Iterable[KeyEntry]) -> str:
    """`entries` as the file's text, or as a piece to put at its end."""
    return yaml.safe_dump([entry.model_dump(exclude_defaults=True) for entry in entries], sort_keys=False, width=120)
