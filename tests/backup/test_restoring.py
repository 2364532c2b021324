"""A restore brings everything back, or leaves everything as it was."""

import fcntl
import os

import pytest

from mcp_stack_proxy.backup import restoring, swapping
from mcp_stack_proxy.backup.errors import BusyError, DamagedError, UsageError
from mcp_stack_proxy.backup.restoring import prove, restore
from mcp_stack_proxy.backup.swapping import Beside, Inside
from mcp_stack_proxy.backup.taking import Wanted, take
from mcp_stack_proxy.backup.walking import RESTORING
from tests.backup.trees import tree


class Killed(BaseException):
    """The process ends here; nothing after it is done."""


@pytest.fixture
def backup(data, target, said):
    return take(Wanted(data, "data"), target, said).backup


@pytest.fixture(params=["beside", "inside"])
def to(request, tmp_path, monkeypatch):
    """Where to restore: below a directory that is ours, or a volume's own, next to which nothing can be made."""
    place = tmp_path / "volume" / "to"
    place.mkdir(parents=True)
    if request.param == "inside":
        monkeypatch.setattr(swapping, "_needs_inside", lambda path: path == place)
    return place


OLD = {"old.txt": ("file", 0o644, b"old"), "sub": ("directory", 0o755, None), "sub/older": ("file", 0o644, b"older")}


def fill(to):
    (to / "old.txt").write_bytes(b"old")
    (to / "sub").mkdir()
    (to / "sub" / "older").write_bytes(b"older")
    assert tree(to) == OLD


def left_over(to):
    return [path.name for path in to.parent.iterdir() if path != to] + [path.name for path in to.glob(f"{RESTORING}*")]


def test_an_empty_directory_gets_everything_back(backup, target, said, data, to):
    times = {str(path.relative_to(data)): int(path.lstat().st_mtime) for path in data.rglob("*")}
    restore(target, backup, to, said)
    assert tree(to) == tree(data)
    assert {str(path.relative_to(to)): int(path.lstat().st_mtime) for path in to.rglob("*")} == times
    assert left_over(to) == []


def test_a_directory_that_is_not_there_is_made(backup, target, said, data, tmp_path):
    restore(target, backup, tmp_path / "new", said)
    assert tree(tmp_path / "new") == tree(data)


def test_what_a_file_system_keeps_there_does_not_count_and_stays(backup, target, said, data, tmp_path, monkeypatch):
    place = tmp_path / "to"
    (place / "lost+found").mkdir(parents=True)
    monkeypatch.setattr(swapping, "_needs_inside", lambda _: True)
    restore(target, backup, place, said)
    assert tree(place) == {**tree(data), "lost+found": ("directory", 0o755, None)}


def test_data_that_are_there_are_only_replaced_by_force(backup, target, said, data, to):
    fill(to)
    with pytest.raises(UsageError, match=r"is not empty, it holds 'old.txt'; --force"):
        restore(target, backup, to, said)
    assert tree(to) == OLD
    to.chmod(0o2770)
    restore(target, backup, to, said, force=True)
    assert tree(to) == tree(data)
    assert to.stat().st_mode & 0o7777 == 0o2770
    assert left_over(to) == []


def test_a_damaged_backup_leaves_everything_as_it_was(backup, target, said, to):
    fill(to)
    path = target.root / backup.file
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DamagedError, match=f"the backup {backup.id} of 'data' cannot be restored: .* lists the others"):
        restore(target, backup, to, said, force=True)
    assert tree(to) == OLD
    assert left_over(to) == []


def test_a_renamed_backup_is_not_taken_for_another(backup, target, said, to):
    other = type(backup)("other", backup.id, backup.size)
    (target.root / backup.file).rename(target.root / other.file)
    with pytest.raises(DamagedError, match=r"is the backup .* of 'data', renamed"):
        restore(target, other, to, said)


@pytest.mark.parametrize("nth", range(9))
@pytest.mark.parametrize("exchange", [True, False])
def test_wherever_it_is_killed_the_data_are_the_old_or_the_new_after_the_next_run(
    backup, target, said, data, to, monkeypatch, nth, exchange
):
    """Killed before the nth step that changes a name: then the command is run again, as its operator would."""
    fill(to)
    count = iter(range(1000))

    def stepping(act):
        def step(*arguments, **keywords):
            if next(count) == nth:
                raise Killed
            return act(*arguments, **keywords)

        return step

    with monkeypatch.context() as patched:
        patched.setattr(swapping.Path, "rename", stepping(swapping.Path.rename))
        patched.setattr(swapping.Path, "touch", stepping(swapping.Path.touch))
        patched.setattr(swapping.shutil, "rmtree", stepping(swapping.shutil.rmtree))
        patched.setattr(swapping, "_exchanged", stepping(swapping._exchanged if exchange else lambda *_: False))
        patched.setattr(Beside, "recover", stepping(Beside.recover))
        patched.setattr(Inside, "recover", stepping(Inside.recover))
        patched.setattr(swapping, "_undo", lambda _: None)  # a killed process cleans nothing up
        try:
            restore(target, backup, to, said, force=True)
            assert nth > 2
        except Killed:
            if not swapping._needs_inside(to):
                assert not to.exists() or tree(to) in (OLD, tree(data))
    restore(target, backup, to, said, force=True)
    assert tree(to) == tree(data)
    assert left_over(to) == []


def test_an_interrupted_restore_without_force_still_leaves_the_old_data(backup, target, said, to, monkeypatch):
    """Refused afterwards, because there are data: those that were there before, in their place again."""
    fill(to)
    with monkeypatch.context() as patched:
        patched.setattr(swapping, "_undo", lambda _: None)
        patched.setattr(swapping, "_exchanged", lambda *_: False)
        patched.setattr(restoring, "_unpacked", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            restore(target, backup, to, said, force=True)
    with pytest.raises(UsageError, match="not empty"):
        restore(target, backup, to, said)
    assert tree(to) == OLD
    assert left_over(to) == []


def test_old_data_that_were_moved_away_are_put_back(backup, target, said, tmp_path):
    to = tmp_path / "to"
    box = tmp_path / f".to{RESTORING}"
    (box / "old").mkdir(parents=True)
    fill(box / "old")
    with pytest.raises(UsageError, match="not empty"):
        restore(target, backup, to, said)
    assert tree(to) == OLD
    assert [line["event"] for line in said.lines if line["event"] == "recovered"] == ["recovered"]


def test_two_at_once_are_one_too_many(backup, target, said, to):
    box = (to if swapping._needs_inside(to) else to.parent) / (RESTORING if swapping._needs_inside(to) else f".to{RESTORING}")
    box.mkdir()
    fd = os.open(box, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        with pytest.raises(BusyError, match="another process restores"):
            restore(target, backup, to, said)
    finally:
        os.close(fd)
    restore(target, backup, to, said)


def test_places_that_cannot_be_restored_to_are_said(backup, target, said, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is no directory"):
        restore(target, backup, tmp_path / "file", said)
    with pytest.raises(UsageError, match="does not exist"):
        restore(target, backup, tmp_path / "no" / "where", said)


def test_a_link_to_the_directory_is_followed(backup, target, said, data, to):
    link = to.parent.parent / "link"
    link.symlink_to(to)
    restore(target, backup, link, said)
    assert link.is_symlink()
    assert tree(to) == tree(data)


def test_proving_restores_in_earnest_and_leaves_nothing(backup, target, said, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert prove(target, backup, scratch, said).id == backup.id
    assert [line["event"] for line in said.lines][-1] == "unpacked"
    assert list(scratch.iterdir()) == []


def test_an_error_of_the_file_system_is_raised(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        swapping._exchanged(tmp_path / "a", tmp_path / "b")


def test_where_directories_cannot_be_exchanged_they_are_moved(tmp_path, monkeypatch):
    monkeypatch.setattr(swapping, "RENAME_EXCHANGE", 1 << 12)  # a flag that no kernel knows: EINVAL, as from NFS
    assert swapping._exchanged(tmp_path, tmp_path) is False
