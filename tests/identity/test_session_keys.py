"""Session keys: what the file says, and the newest one only when every replica can know it."""

import asyncio
import os

import pytest

from mcp_stack_proxy.config import ConfigError
from mcp_stack_proxy.config.session_keys import new_session_key, parse_session_keys
from mcp_stack_proxy.identity import SessionKeys
from mcp_stack_proxy.identity.session_keys import SPREAD_SECONDS
from tests.deadlines import SOON

A, B, C = (new_session_key() for _ in range(3))
NOW = 1_700_000_000.0


class Source:
    name = "test"

    def __init__(self, text):
        self.text = text


class Ring:
    """What a ring was last told."""

    def __init__(self):
        self.told = []

    def renew(self, keys, sealing):
        self.told.append((list(keys), sealing))


class Clock:
    now = NOW

    def __call__(self):
        return self.now


def write(path, *keys, at=NOW):
    path.write_text("\n".join(keys) + "\n")
    os.utime(path, (at, at))
    return parse_session_keys(Source("\n".join(keys)))


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def ring():
    return Ring()


@pytest.fixture
def clock():
    return Clock()


def test_the_only_key_seals_at_once(file, ring, clock):
    keys = write(file, A)
    SessionKeys(file, ring.renew, clock=clock)
    assert ring.told == [(keys, 0)]


def test_a_new_key_opens_at_once_and_seals_when_every_replica_knows_it(file, ring, clock):
    write(file, A, at=NOW - 1e6)
    keys = SessionKeys(file, ring.renew, clock=clock)
    both = write(file, B, A, at=NOW)
    keys.look()
    assert ring.told[1:] == [(both, 1)]
    clock.now += SPREAD_SECONDS - 1
    keys.look()
    assert len(ring.told) == 2
    clock.now += 1
    keys.look()
    assert ring.told[2:] == [(both, 0)]
    keys.look()
    assert len(ring.told) == 3


def test_a_pod_that_starts_while_keys_spread_seals_with_the_one_that_others_know(file, ring, clock):
    both = write(file, B, A, at=NOW - 1)
    SessionKeys(file, ring.renew, clock=clock)
    assert ring.told == [(both, 1)]


@pytest.mark.parametrize("written", [NOW - SPREAD_SECONDS, NOW + 1e6], ids=["long ago", "in the future"])
def test_a_file_that_is_not_young_is_taken_as_it_is(file, ring, clock, written):
    both = write(file, B, A, at=written)
    SessionKeys(file, ring.renew, clock=clock)
    assert ring.told == [(both, 0)]


def test_a_file_that_cannot_be_used_stops_a_start_and_changes_nothing_later(file, ring, clock, caplog):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        SessionKeys(file, ring.renew, clock=clock)
    write(file, A)
    keys = SessionKeys(file, ring.renew, clock=clock)
    file.write_text("nonsense\n")
    keys.look()
    keys.look()
    assert len(ring.told) == 1
    assert [record.message.partition(":")[0] for record in caplog.records] == ["the session keys before stay in force"]
    assert "nonsense" not in caplog.text


async def test_the_file_is_followed(file, ring, clock):
    write(file, A, at=NOW - 1e6)
    keys = SessionKeys(file, ring.renew, every=0.005, clock=clock)
    renewed = asyncio.Event()
    keys._renew = lambda *told: renewed.set()
    following = asyncio.create_task(keys.follow())
    write(file, C, at=NOW - 1e5)
    async with asyncio.timeout(SOON):
        await renewed.wait()
    following.cancel()
