"""Sealing: what comes back is what went in, or nothing at all."""

import base64
import hashlib
import re

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import example, given
from hypothesis import strategies as st

from mcp_stack_proxy.wire.sealing import MAX_TEXT, Keyring, Seal

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


class Note(msgspec.Struct, array_like=True):
    text: str
    number: int = 0


class Longer(msgspec.Struct, array_like=True):
    text: str
    number: int
    more: list[bytes]


def ring(*keys):
    return Keyring(keys or (NEW,))


def raw(text):
    return base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_")


def text_of(data):
    return "1" + base64.urlsafe_b64encode(data).decode().rstrip("=")


@given(st.text(max_size=500), st.integers(-(2**63), 2**64 - 1))
def test_a_structure_comes_back_as_it_was_sealed(text, number):
    note = Note(text, number)
    seal = Seal(ring(), "note", Note)
    sealed = seal.seal(note)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", sealed)
    assert seal.open(sealed) == note


def test_nothing_of_what_was_sealed_can_be_read_or_recognised():
    seal = Seal(ring(), "note", Note)
    first, second = seal.seal(Note("alice@example.com")), seal.seal(Note("alice@example.com"))
    assert b"alice" not in raw(first)
    assert first != second


@given(st.text(max_size=200))
@example("")
@example("1")
@example("1" + "A" * 44)
@example("1" + "A" * 100_000)
@example("ü" * 60)
def test_text_that_was_never_sealed_opens_nothing(text):
    assert ring().open("note", text) is None


@given(st.data(), st.binary(max_size=300))
def test_altered_text_opens_nothing(data, content):
    """Bits flipped, pieces cut out, put in and moved; in the text as in the bytes that it stands for."""
    keys = ring()
    sealed = keys.seal("note", content)
    if data.draw(st.booleans()):
        body = bytearray(raw(sealed))
        at = data.draw(st.integers(0, len(body) - 1))
        if data.draw(st.booleans()):
            body[at] ^= data.draw(st.integers(1, 255))
        else:
            body[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
        altered = text_of(bytes(body))
    else:
        at = data.draw(st.integers(0, len(sealed)))
        altered = sealed[:at] + data.draw(st.text(max_size=5)) + sealed[at + data.draw(st.integers(0, 5)) :]
    assert keys.open("note", altered) == (content if altered == sealed else None)


@pytest.mark.parametrize("length", range(20))
def test_one_structure_has_one_text_whatever_base64_forgives(length):
    keys = ring()
    sealed = keys.seal("note", b"x" * length)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    variants = [sealed[:-1] + char for char in alphabet if char != sealed[-1]]
    variants += [sealed + "=", sealed + "==", sealed + "\n", " " + sealed, sealed + "A", sealed[:-1], "2" + sealed[1:]]
    assert [text for text in variants if keys.open("note", text) is not None] == []
    assert keys.open("note", sealed) == b"x" * length


def test_what_was_sealed_as_one_thing_never_opens_as_another():
    keys = ring()
    sealed = keys.seal("session", b"x")
    assert keys.open("session", sealed) == b"x"
    assert keys.open("ticket", sealed) is None


def test_the_text_is_what_its_description_says():
    """Opened by the library alone, so that it cannot change unnoticed: processes of two versions share keys during a rollout."""
    sealed = Keyring([NEW]).seal("session", b"content")
    data = raw(sealed)
    bound = b"mcp-stack 1 session"
    key = HKDF(SHA256(), 32, salt=None, info=bound).derive(NEW)
    assert data[:6] == hashlib.sha256(b"mcp-stack key id" + NEW).digest()[:6]
    assert AESGCM(key).decrypt(data[6:18], data[18:], bound) == b"content"


def test_two_keys_are_valid_at_once_and_a_removed_one_no_more():
    before = Keyring([OLD])
    sealed = before.seal("note", b"x")
    during = Keyring([NEW, OLD])
    assert during.open("note", sealed) == b"x"
    assert before.open("note", during.seal("note", b"y")) is None
    assert Keyring([NEW]).open("note", sealed) is None
    assert Keyring([NEW]).open("note", during.seal("note", b"z")) == b"z"


def test_a_key_can_be_known_before_it_is_used():
    during = Keyring([NEW, OLD], sealing=1)
    assert Keyring([OLD]).open("note", during.seal("note", b"x")) == b"x"
    assert during.open("note", Keyring([NEW]).seal("note", b"y")) == b"y"


def test_a_ring_is_renewed_in_place():
    keys = Keyring([OLD])
    seal = Seal(keys, "note", Note)
    sealed = seal.seal(Note("x"))
    keys.renew([NEW])
    assert seal.open(sealed) is None
    keys.renew([NEW, OLD])
    assert seal.open(sealed) == Note("x")


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ([], "no keys; give at least one"),
        ([NEW, b"short"], "a key of 5 bytes; keys have 32"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_and_change_nothing(keys, says):
    ring = Keyring([OLD])
    sealed = ring.seal("note", b"x")
    with pytest.raises(ValueError, match=f"^{says}$"):
        ring.renew(keys)
    assert ring.open("note", sealed) == b"x"


def test_what_another_version_sealed_is_opened_as_far_as_it_is_understood():
    keys = ring()
    assert Seal(keys, "note", Note).open(Seal(keys, "note", Longer).seal(Longer("x", 1, [b"y"]))) == Note("x", 1)
    assert Seal(keys, "note", Longer).open(Seal(keys, "note", Note).seal(Note("x", 1))) is None


def test_text_beyond_the_limit_is_not_looked_at():
    keys = ring()
    assert keys.open("note", keys.seal("note", b"x" * (MAX_TEXT // 4 * 3 - 40))) is not None
    assert keys.open("note", keys.seal("note", b"x" * MAX_TEXT)) is None
