"""Bytes that were right once: a few of them changed, lost, doubled, moved, or exchanged with those of another case."""

from collections.abc import Sequence
from random import Random

_INTERESTING = b"\x00\x09\x0a\x0d\x20\x22\x2c\x30\x39\x3a\x5b\x5c\x5d\x7b\x7d\x7f\x80\xff"


def mutated(rng: Random, corpus: Sequence[bytes], fragments: Sequence[bytes]) -> bytes:
    """A member of `corpus` after one to six mutations; one case in fifty stays as it is, so that what is right is seen, too."""
    data = bytearray(rng.choice(corpus))
    if rng.random() < 0.02:
        return bytes(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        _mutate(rng, data, corpus, fragments)
    return bytes(data)


def pieces(rng: Random, data: bytes) -> list[bytes]:
    """`data` in order, cut at up to four places, or into single bytes."""
    if rng.random() < 0.02:
        return [data[place : place + 1] for place in range(len(data))]
    places = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(5)))
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def _mutate(rng: Random, data: bytearray, corpus: Sequence[bytes], fragments: Sequence[bytes]) -> None:
    place, size = rng.randrange(len(data) + 1), rng.choice((1, 1, 2, 4, 8, 40))
    match rng.randrange(8):
        case 0 if place < len(data):
            data[place] ^= 1 << rng.randrange(8)
        case 1 if place < len(data):
            data[place] = rng.choice(_INTERESTING)
        case 2:
            del data[place : place + size]
        case 3:
            data[place:place] = data[place : place + size]
        case 4:
            other = rng.choice(corpus)
            start = rng.randrange(len(other) + 1)
            data[place : place + rng.choice((0, size))] = other[start : start + size]
        case 5:
            data[place:place] = rng.choice(fragments)
        case 6:
            del data[place:]
        case _:
            data[place:place] = rng.randbytes(size)
