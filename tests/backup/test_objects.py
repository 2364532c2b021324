"""Backups in a bucket: the same rules, by what S3 has instead of files, names and locks."""

import threading

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from moto import mock_aws
from moto.s3.responses import S3Response

from mcp_stack_proxy.backup import s3_lock
from mcp_stack_proxy.backup.errors import BackupError, BusyError, DamagedError, UsageError
from mcp_stack_proxy.backup.naming import Stored
from mcp_stack_proxy.backup.objects import ObjectTarget
from mcp_stack_proxy.backup.restoring import restore
from mcp_stack_proxy.backup.s3_client import s3_client
from mcp_stack_proxy.backup.s3_lock import ObjectLock, Pace
from mcp_stack_proxy.backup.taking import Wanted, take
from tests.backup.trees import tree
from tests.deadlines import SOON

QUICK = Pace(beat=0.01, dead=0.05)


@pytest.fixture
def s3(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody's")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="bucket")
        yield client


@pytest.fixture
def target(s3):
    return ObjectTarget("s3://bucket/some/where", s3_client(None, "us-east-1"), QUICK)


def keys(s3):
    return [one["Key"] for one in s3.list_objects_v2(Bucket="bucket").get("Contents", [])]


def test_a_backup_comes_back_from_a_bucket(data, s3, target, said, tmp_path):
    taken = take(Wanted(data, "data"), target, said)
    assert keys(s3) == [f"some/where/{taken.backup.file}"]
    restore(target, taken.backup, tmp_path / "restored", said)
    assert tree(tmp_path / "restored") == tree(data)


def test_a_prefix_may_be_missing(data, s3, said):
    target = ObjectTarget("s3://bucket", s3, QUICK)
    assert target.stored() == []
    taken = take(Wanted(data, "data"), target, said)
    assert keys(s3) == [taken.backup.file]
    assert target.stored() == [taken.backup]


@pytest.mark.parametrize("place", ["s3://", "s3:///a", "http://bucket/a", "s3://bucket/a?x=1"])
def test_a_place_that_is_none_is_refused(place, s3):
    with pytest.raises(UsageError, match="give s3://BUCKET/PREFIX"):
        ObjectTarget(place, s3)


def test_the_newest_are_kept_in_a_bucket_that_holds_more_than_a_page(data, s3, target, said, monkeypatch):
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "5")
    for n in range(12):
        s3.put_object(Bucket="bucket", Key=f"some/where/data-20200101T000000Z-{n:04}.tar.gz", Body=b"")
    s3.put_object(Bucket="bucket", Key="some/where/else/data-20200101T000000Z-0000.tar.gz", Body=b"")
    s3.put_object(Bucket="bucket", Key="some/where/notes.txt", Body=b"")
    assert len(target.stored()) == 12
    taken = take(Wanted(data, "data", 2), target, said)
    left = ["some/where/data-20200101T000000Z-0011.tar.gz", f"some/where/{taken.backup.file}"]
    monkeypatch.delenv("MOTO_S3_DEFAULT_MAX_KEYS")
    assert keys(s3) == [*left, "some/where/else/data-20200101T000000Z-0000.tar.gz", "some/where/notes.txt"]


def test_what_a_killed_process_left_is_removed_by_the_next(data, s3, target, said):
    for name in ("data", "other"):
        s3.put_object(Bucket="bucket", Key=f"some/where/partial/{name}-20200101T000000Z-0000.tar.gz", Body=b"half")
    taken = take(Wanted(data, "data"), target, said)
    assert keys(s3) == [f"some/where/{taken.backup.file}", "some/where/partial/other-20200101T000000Z-0000.tar.gz"]


def test_a_large_archive_goes_up_and_is_copied_in_parts(s3, target, tmp_path, said):
    import os

    data = tmp_path / "data"
    data.mkdir()
    (data / "big").write_bytes(os.urandom(18 << 20))
    taken = take(Wanted(data, "data"), target, said)
    etag = s3.head_object(Bucket="bucket", Key=f"some/where/{taken.backup.file}")["ETag"]
    assert "-" in etag  # only what came in parts has such a one
    restore(target, taken.backup, tmp_path / "restored", said)
    assert tree(tmp_path / "restored") == tree(data)


def test_what_the_store_has_is_what_counts(data, s3, target, said):
    """What arrived differs from what was sent: no backup, and the old ones stay."""
    first = take(Wanted(data, "data"), target, said).backup
    upload = target.upload

    def rot(path, key):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
        upload(path, key)

    target.upload = rot
    with pytest.raises(DamagedError):
        take(Wanted(data, "data", 1), target, said)
    assert keys(s3) == [f"some/where/{first.file}"]


def test_a_damaged_backup_is_refused(data, s3, target, said, tmp_path):
    backup = take(Wanted(data, "data"), target, said).backup
    key = f"some/where/{backup.file}"
    whole = s3.get_object(Bucket="bucket", Key=key)["Body"].read()
    s3.put_object(Bucket="bucket", Key=key, Body=whole[: len(whole) // 2])
    with pytest.raises(DamagedError):
        restore(target, backup, tmp_path / "restored", said)
    assert not (tmp_path / "restored").exists()


def test_a_connection_that_breaks_is_no_damage_but_an_error_to_try_again(data, s3, target, said, tmp_path, monkeypatch):
    backup = take(Wanted(data, "data"), target, said).backup
    get = target._s3.get_object

    class Breaking:
        def __init__(self, body):
            self.body, self.count = body, 0

        def read(self, amount):
            self.count += 1
            if self.count == 2:
                raise ReadTimeoutError(endpoint_url="https://bucket.example")
            return self.body.read(min(amount, 1000))

        def close(self):
            self.body.close()

    monkeypatch.setattr(target._s3, "get_object", lambda **asked: {"Body": Breaking(get(**asked)["Body"])})
    with pytest.raises(BackupError) as raised:
        restore(target, backup, tmp_path / "restored", said)
    assert raised.value.exit_code == 1
    assert "cannot be used" in str(raised.value)


@pytest.mark.parametrize(("code", "hint"), [("AccessDenied", "list, read, write and delete"), ("SlowDown", "its documentation")])
def test_what_the_store_answers_is_said_without_what_was_sent(target, monkeypatch, code, hint):
    def refuse(**_):
        raise ClientError({"Error": {"Code": code, "Message": "key AKIA"}}, "GetObject")

    monkeypatch.setattr(target._s3, "get_object", refuse)
    with pytest.raises(BackupError, match=hint) as raised, target.opened(Stored("data", "x")):
        pass
    assert "AKIA" not in str(raised.value)


def test_a_bucket_that_is_not_there_is_said(s3):
    with pytest.raises(BackupError, match="NoSuchBucket; make the bucket"):
        ObjectTarget("s3://elsewhere", s3).stored()


def test_a_store_that_cannot_be_reached_is_said(target, monkeypatch):
    def fail(**_):
        raise EndpointConnectionError(endpoint_url="https://bucket.example")

    monkeypatch.setattr(target._s3, "put_object", fail)
    with pytest.raises(BackupError, match="cannot be used"), target.locked("data"):
        pass


def test_another_store_has_its_buckets_in_the_path(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    config = s3_client("http://minio.storage.svc:9000", "eu-west-1").meta
    assert config.endpoint_url == "http://minio.storage.svc:9000"
    assert config.config.s3["addressing_style"] == "path"
    assert s3_client(None, "eu-west-1").meta.endpoint_url == "https://s3.eu-west-1.amazonaws.com"


def lock(s3, key="lock/data"):
    return ObjectLock(s3, "bucket", key)


def test_only_one_has_the_lock(s3, target):
    with target.locked("data"):
        with pytest.raises(BusyError, match=r"process \d+ on .* is taking a backup to s3://bucket/some/where"):
            lock(s3, "some/where/lock/data").acquire(QUICK, threading.Event())
        assert keys(s3) == ["some/where/lock/data"]
    assert keys(s3) == []


def test_what_a_killed_holder_left_is_taken_over_once_it_shows_no_life(s3, target):
    lock(s3, "some/where/lock/data").acquire(QUICK, threading.Event())
    with target.locked("data") as taken:
        taken.confirm()


def test_of_two_who_want_to_take_over_one_does(s3, monkeypatch):
    turn, answer = threading.Lock(), S3Response.key_response

    def one_by_one(*asked, **more):
        with turn:
            return answer(*asked, **more)

    monkeypatch.setattr(S3Response, "key_response", one_by_one)  # moto compares, and then writes; S3 does both at once
    lock(s3).acquire(QUICK, threading.Event())
    both = threading.Barrier(2)

    class Together(threading.Event):
        def wait(self, timeout=None):
            return both.wait(SOON) >= 0

    results = []

    def want():
        try:
            lock(s3).acquire(QUICK, Together())
            results.append("taken")
        except BusyError:
            results.append("busy")

    threads = [threading.Thread(target=want) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert sorted(results) == ["busy", "taken"]


def test_a_lock_that_is_given_back_meanwhile_is_taken(s3):
    first = lock(s3)
    first.acquire(QUICK, threading.Event())

    class Returning(threading.Event):
        def wait(self, timeout=None):
            first.release()
            return False

    lock(s3).acquire(QUICK, Returning())
    assert keys(s3) == ["lock/data"]


def test_a_holder_that_gives_signs_of_life_keeps_it(s3):
    first = lock(s3)
    first.acquire(QUICK, threading.Event())

    class Living(threading.Event):
        def wait(self, timeout=None):
            first.beat()
            return False

    with pytest.raises(BusyError):
        lock(s3).acquire(QUICK, Living())
    first.confirm()


def test_a_holder_that_lost_it_is_told_and_gives_back_nothing(s3):
    first, second = lock(s3), lock(s3)
    first.acquire(QUICK, threading.Event())
    second.acquire(QUICK, threading.Event())
    first.beat()
    with pytest.raises(BusyError, match="another process took over"):
        first.confirm()
    first.release()
    second.confirm()


def test_a_store_that_is_out_of_reach_for_a_moment_costs_no_lock(s3, monkeypatch):
    first = lock(s3)
    first.acquire(QUICK, threading.Event())
    with monkeypatch.context() as patched:

        def fail(**_):
            raise EndpointConnectionError(endpoint_url="https://bucket.example")

        patched.setattr(s3, "put_object", fail)
        first.beat()
    first.confirm()


def test_a_store_without_conditional_writes_is_refused(s3, monkeypatch):
    def refuse(**_):
        raise ClientError({"Error": {"Code": "NotImplemented"}}, "PutObject")

    monkeypatch.setattr(s3, "put_object", refuse)
    with pytest.raises(BackupError, match="no conditional writes"):
        lock(s3).acquire(QUICK, threading.Event())


def test_an_error_while_looking_at_the_lock_is_one(s3, monkeypatch):
    lock(s3).acquire(QUICK, threading.Event())

    def refuse(**_):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    monkeypatch.setattr(s3, "get_object", refuse)
    with pytest.raises(BackupError, match="AccessDenied"):
        lock(s3).acquire(QUICK, threading.Event())


def test_signs_of_life_come_while_the_lock_is_held(s3, monkeypatch):
    seen = threading.Event()
    beat = s3_lock.ObjectLock.beat

    def beating(self):
        beat(self)
        seen.set()

    monkeypatch.setattr(s3_lock.ObjectLock, "beat", beating)
    with s3_lock.held(lock(s3), QUICK) as held:
        assert seen.wait(SOON)
        held.confirm()
    assert keys(s3) == []
