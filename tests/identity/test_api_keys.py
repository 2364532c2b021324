"""The keys in force, and how they follow their file."""

import asyncio
import logging
import os
import time

import pytest

from mcp_stack_proxy.config import ConfigError
from mcp_stack_proxy.config.api_keys import digest_of, entries_text, new_key
from mcp_stack_proxy.identity import ApiKeys, Principal
from tests.deadlines import SOON

OLD = 1_000_000_000
"""Seconds since the epoch at which a file counts as settled."""


def made(*names):
    return {name: new_key(name.partition("/")[0], ["reader"]) for name in names}


def text(keys, *names):
    return entries_text([keys[name][1] for name in names])


def write(path, content, at=OLD):
    path.write_text(content)
    os.utime(path, (at, at))


@pytest.fixture
def keys():
    return made("ann", "ann/next", "bob")


@pytest.fixture
def file(tmp_path, keys):
    path = tmp_path / "api-keys.yaml"
    write(path, text(keys, "ann"))
    return path


def subject(found, key):
    principal = found.principal(key.encode())
    return principal and principal.subject


@pytest.mark.parity("aggregate.auth-tokens")
def test_a_key_stands_for_its_subject_and_roles(file, keys):
    found = ApiKeys(file)
    assert found.principal(keys["ann"][0].encode()) == Principal("ann", frozenset({"reader"}))
    assert found.principal(keys["bob"][0].encode()) is None
    assert found.principal(b"") is None
    assert found.principal(keys["ann"][1].hash.encode()) is None, "a hash is no key"


def test_a_key_that_could_be_guessed_is_never_accepted(file):
    short = "x" * 31
    write(file, f"- {{subject: ann, hash: '{digest_of(short.encode())}'}}\n- {{subject: bob, hash: '{digest_of(b'x' * 32)}'}}")
    found = ApiKeys(file)
    assert [subject(found, short), subject(found, "x" * 32)] == [None, "bob"]


@pytest.mark.parametrize("content", [None, "", "[]", "- {subject: ann, hash: s3cr3t}", b"\xff"])
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path, content):
    path = tmp_path / "keys.yaml"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        ApiKeys(path)
    assert str(path) in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parity("hangar.manager-credentials")
def test_a_changed_file_is_taken_over_as_a_whole(file, keys):
    found = ApiKeys(file)
    write(file, text(keys, "ann", "ann/next"), OLD + 1)
    found.look()
    assert [subject(found, key) for key, _ in keys.values()] == ["ann", "ann", None]
    write(file, text(keys, "ann/next", "bob"), OLD + 2)
    found.look()
    assert [subject(found, key) for key, _ in keys.values()] == [None, "ann", "bob"]


def test_a_mounted_secret_is_followed_through_its_links(tmp_path, keys):
    """As the kubelet does it: `file` -> `..data/file`, `..data` -> a directory that is replaced by renaming a link."""
    for version, names in (("..1", ["ann"]), ("..2", ["bob"])):
        (tmp_path / version).mkdir()
        write(tmp_path / version / "api-keys.yaml", text(keys, *names))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "api-keys.yaml").symlink_to("..data/api-keys.yaml")
    found = ApiKeys(tmp_path / "api-keys.yaml")
    (tmp_path / "..data_tmp").symlink_to("..2")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    found.look()
    assert [subject(found, keys[name][0]) for name in ("ann", "bob")] == [None, "bob"]


@pytest.mark.parametrize("broken", ["", "- {subject: ann, hash: s3cr3t}", None])
def test_a_broken_file_changes_nothing_and_is_told_once(file, keys, caplog, broken):
    found = ApiKeys(file)
    if broken is None:
        file.unlink()
    else:
        write(file, broken, OLD + 1)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            found.look()
    assert subject(found, keys["ann"][0]) == "ann"
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert record.getMessage().startswith("the API keys before stay in force: ")
    assert "s3cr3t" not in caplog.text
    write(file, text(keys, "bob"), OLD + 2)
    found.look()
    assert [subject(found, keys[name][0]) for name in ("ann", "bob")] == [None, "bob"]


def test_the_same_text_after_a_broken_one_is_good_again(file, keys, caplog):
    found = ApiKeys(file)
    for content, at in (("[]", OLD + 1), (text(keys, "ann"), OLD + 2), ("[]", OLD + 3)):
        write(file, content, at)
        found.look()
    assert len([one for one in caplog.records if one.levelname == "ERROR"]) == 2
    assert subject(found, keys["ann"][0]) == "ann"


def test_a_settled_file_is_not_read_again(file, monkeypatch):
    found = ApiKeys(file)
    monkeypatch.setattr("mcp_stack_proxy.identity.followed._text_of", lambda *_: pytest.fail("read"))
    found.look()


def test_a_file_that_was_just_written_is_read_again_and_told_of_only_if_it_differs(file, keys, caplog):
    write(file, text(keys, "ann"), time.time())
    found = ApiKeys(file)
    with caplog.at_level(logging.INFO):
        found.look()
        assert caplog.records == []
        write(file, text(keys, "ann", "bob"), time.time())
        found.look()
    assert caplog.messages == ["API keys read again: 2 keys of 2 subjects"]


def test_a_second_change_within_one_tick_of_the_clock_is_seen(file, keys):
    """Same inode, size and time: only reading shows it."""
    now = time.time()
    first, second = text(made("eve"), "eve"), text(keys, "bob")
    assert len(first) == len(second)
    write(file, first, now)
    found = ApiKeys(file)
    write(file, second, now)
    found.look()
    assert subject(found, keys["bob"][0]) == "bob"


async def test_following_goes_on_until_it_is_cancelled(file, keys):
    found = ApiKeys(file, every=0.01)
    follow = asyncio.ensure_future(found.follow())
    for name, at in (("bob", OLD + 1), ("ann", OLD + 2)):
        write(file, text(keys, name), at)
        async with asyncio.timeout(SOON):
            while subject(found, keys[name][0]) is None:
                await asyncio.sleep(0.01)
    follow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await follow


def test_no_text_of_it_shows_in_a_principal(file, keys):
    shown = repr(ApiKeys(file).principal(keys["ann"][0].encode()))
    assert keys["ann"][0] not in shown
    assert keys["ann"][1].hash not in shown
