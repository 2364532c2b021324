"""Sealed text: what was sealed, or nothing. No other text opens, for no other purpose, with no other key."""

from random import Random

from mcp_stack_proxy.wire.sealing import Keyring
from tests.fuzz.target import Target

PURPOSES = ("session", "ticket x")
_KEYS = Keyring([b"k" * 32, b"l" * 32])
_OTHERS = Keyring([b"m" * 32])
SEALED = {
    _KEYS.seal(purpose, data): (purpose, data) for purpose in PURPOSES for data in (b"", b"short", b"\x93\x01\x02\x03", b"x" * 600)
}
CORPUS = tuple(text.encode() for text in SEALED)
FRAGMENTS = (b"1", b"2", b"=", b"==", b"+", b"/", b"-", b"_", b" ", b"\n", b"A" * 4, b"A" * 5000)


def check(data: bytes, rng: Random) -> str:
    text = data.decode("latin-1") if rng.random() < 0.5 else data.decode(errors="replace")
    assert _OTHERS.open(PURPOSES[0], text) is None
    opened = {purpose: found for purpose in PURPOSES if (found := _KEYS.open(purpose, text)) is not None}
    if text in SEALED:
        purpose, sealed = SEALED[text]
        assert opened == {purpose: sealed}
        return "opened"
    assert not opened
    return "refused"


TARGET = Target("sealing", CORPUS, FRAGMENTS, check, frozenset({"opened", "refused"}))
