"""A bounded part of `make fuzz`: the same cases each time. And the fuzzing itself: what goes wrong is seen, and can be repeated."""

import pytest

from tests.fuzz import answers, edge, running
from tests.fuzz.running import fuzz, one, targets
from tests.fuzz.target import Target

CASES = 10_000
EDGE_CASES = 1_500
ANSWERS = 1_500


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_no_bytes_crash_hang_or_mislead(target):
    taken = fuzz(target, CASES, seed=1)
    assert sum(taken.values()) == CASES
    assert target.taken <= set(taken)


async def test_no_bytes_on_a_socket_crash_hang_or_mislead():
    taken = await edge.fuzz(EDGE_CASES, seed=1)
    assert taken.keys() >= edge.TAKEN


@pytest.mark.parametrize("sockets", [False, True])
def test_no_bytes_of_a_server_crash_hang_or_mislead(sockets):
    taken = answers.fuzz(ANSWERS, seed=1, sockets=sockets)
    assert sum(taken.values()) == ANSWERS
    assert taken.keys() >= answers.TAKEN


def failing(check):
    return Target("failing", (b"right",), (b"x",), check, frozenset())


def test_a_case_that_goes_wrong_is_named_and_can_be_repeated():
    def check(data, rng):
        assert b"x" not in data
        return "well"

    with pytest.raises(AssertionError, match=r"failing, seed \d+: .* for b'.*x") as caught:
        fuzz(failing(check), 10_000, seed=1)
    seed = int(str(caught.value).split("seed ")[1].split(":")[0])
    with pytest.raises(AssertionError, match=f"seed {seed}:"):
        one(failing(check), seed)


def test_any_other_exception_is_a_case_that_goes_wrong():
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        fuzz(failing(lambda data, rng: str(1 // 0)), 1, seed=1)


def test_a_case_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(running, "HANG_SECONDS", 1)

    def check(data, rng):
        while True:
            pass

    with pytest.raises(AssertionError, match="hangs"):
        fuzz(failing(check), 1, seed=1)
