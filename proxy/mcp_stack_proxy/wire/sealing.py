"""Small structures sealed into text that clients carry for us: nobody else can read, alter or make one.

That is how several replicas share what belongs to a client without a store: whatever a session or a parked call has to know
travels with the client, and any process that has the keys opens it.

The text is a version, then unpadded base64url of key id (6 bytes), nonce (12 bytes) and AES-256-GCM's ciphertext and tag. Each
purpose has keys of its own, derived by HKDF (RFC 5869), and is authenticated beside the text: what was sealed as one thing is never
opened as another. Nonces are random: one key is good for 2^32 texts (NIST SP 800-38D, 8.3), a thousand a second for 49 days.
"""

import binascii
import hashlib
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
MAX_TEXT = 4096
"""Characters of a text that is looked at, far above what is ever sealed."""

_VERSION = "1"
_ID, _NONCE, _TAG = 6, 12, 16
_HEAD = _ID + _NONCE
_TO_URL = bytes.maketrans(b"+/", b"-_")
_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")

T = TypeVar("T", bound=msgspec.Struct)


class Keyring:
    """The keys in force. One seals, all of them open, so that a new one can be handed out before it is used."""

    def __init__(self, keys: Sequence[bytes], sealing: int = 0) -> None:
        self.generation = 0
        """Goes up with each change: what was opened before may be open to nobody now."""
        self.renew(keys, sealing)

    def renew(self, keys: Sequence[bytes], sealing: int = 0) -> None:
        """From now on `keys` open and `keys[sealing]` seals; ValueError, and nothing changed, for keys that cannot be used."""
        if not keys:
            raise ValueError("no keys; give at least one")
        for key in keys:
            if len(key) != KEY_BYTES:
                raise ValueError(f"a key of {len(key)} bytes; keys have {KEY_BYTES}")
        ids = [hashlib.sha256(b"mcp-stack key id" + key).digest()[:_ID] for key in keys]
        self._keys = dict(zip(ids, keys, strict=True))
        self._sealing = ids[sealing]
        self._ciphers: dict[tuple[bytes, str], AESGCM] = {}
        self.generation += 1

    def seal(self, purpose: str, data: bytes) -> str:
        """`data` as text that only `open` with the same purpose reads."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher(self._sealing, purpose).encrypt(nonce, data, _bound_to(purpose))
        return _VERSION + _encoded(self._sealing + nonce + sealed)

    def open(self, purpose: str, text: str) -> bytes | None:
        """What was sealed; None for any text that was not, was not for `purpose`, or whose key is in force no more."""
        data = _decoded(text)
        if data is None or data[:_ID] not in self._keys:
            return None
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher(data[:_ID], purpose).decrypt(data[_ID:_HEAD], data[_HEAD:], _bound_to(purpose))
        except InvalidTag:
            return None

    def _cipher(self, id_: bytes, purpose: str) -> "AESGCM":
        """The cipher for `purpose` by the key `id_`. The library takes 30 ms and 7 MB: it comes with the first text."""
        cipher = self._ciphers.get((id_, purpose))
        if cipher is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.hashes import SHA256
            from cryptography.hazmat.primitives.kdf.hkdf import HKDF

            derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=_bound_to(purpose)).derive(self._keys[id_])
            cipher = self._ciphers[id_, purpose] = AESGCM(derived)
        return cipher


class Seal(Generic[T]):
    """Seals structures of one kind for one purpose."""

    def __init__(self, keys: Keyring, purpose: str, kind: type[T]) -> None:
        self._keys = keys
        self._purpose = purpose
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)

    def seal(self, value: T) -> str:
        """`value` as text of letters, digits, `-` and `_`."""
        return self._keys.seal(self._purpose, self._encoder.encode(value))

    def open(self, text: str) -> T | None:
        """The structure in `text`; None where there is none of this kind and purpose, whoever made the text."""
        data = self._keys.open(self._purpose, text)
        if data is None:
            return None
        try:
            return self._decoder.decode(data)
        except msgspec.DecodeError:  # sealed by another version of the proxy
            return None


def _bound_to(purpose: str) -> bytes:
    return b"mcp-stack %b " % _VERSION.encode() + purpose.encode()


def _encoded(data: bytes) -> str:
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode()


def _decoded(text: str) -> bytes | None:
    """Key id, nonce and ciphertext; None for text that is not exactly as `seal` writes it: one structure has one text."""
    if not text.startswith(_VERSION) or len(text) > MAX_TEXT or not text.isascii():
        return None
    padded = text[1:].encode().translate(_TO_STANDARD) + b"=" * (-len(text[1:]) % 4)
    try:
        data = binascii.a2b_base64(padded, strict_mode=True)
    except binascii.Error:
        return None
    if len(data) < _HEAD + _TAG or binascii.b2a_base64(data, newline=False) != padded:
        return None
    return data
