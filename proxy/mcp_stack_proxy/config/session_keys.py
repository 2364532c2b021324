"""The file of session keys: what the replicas of a proxy seal session ids with, so that any of them goes on with any session."""

import base64
import binascii
import secrets

from .errors import ConfigError, Problem
from .load import Source

SESSION_KEYS_FILE = "MCP_SESSION_KEYS_FILE"
"""Variable that says where a stack's proxies find the file, where that is not the usual place."""

KEY_BYTES = 32
MAX_KEYS = 16
"""More are a mistake: a key is needed for as long as a session that it has sealed."""


def parse_session_keys(source: Source) -> list[bytes]:
    """Keys in `source`, one a line, the newest first; `#` begins a comment. ConfigError that repeats none of them."""
    keys: list[bytes] = []
    problems: list[Problem] = []
    for number, line in enumerate(source.text.splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        key = _key(text)
        if key is None:
            how = "`mcp-stack-proxy new-session-key` makes one"
            problems.append(Problem(f"line {number}", f"expected {KEY_BYTES} bytes in base64, {len(text)} characters given; {how}"))
        elif key in keys:
            problems.append(Problem(f"line {number}", "the key of a line above again; remove it"))
        else:
            keys.append(key)
    if not problems and not 0 < len(keys) <= MAX_KEYS:
        problems.append(Problem("", f"{len(keys)} keys; give 1 to {MAX_KEYS}, one a line, the newest first"))
    if problems:
        raise ConfigError(source.name, problems)
    return keys


def new_session_key() -> str:
    """A line for the file: a key of 256 random bits."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _key(text: str) -> bytes | None:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
