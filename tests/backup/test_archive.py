"""Archives that are damaged, newer, or made to do harm: none is restored, and nothing is written outside."""

import gzip
import io
import tarfile

import pytest

from mcp_stack_proxy.backup import archive
from mcp_stack_proxy.backup.archive import unpack
from mcp_stack_proxy.backup.contents import DATA, FORMAT, FORMAT_KEY, MANIFEST, Entry, Manifest
from mcp_stack_proxy.backup.errors import DamagedError
from mcp_stack_proxy.backup.naming import Stored, next_id
from mcp_stack_proxy.backup.taking import Wanted, take
from tests.backup.trees import tree

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
EMPTY = Manifest(format=FORMAT, name="data", id=next_id(0, []), created="", source="/", tool="0", entries=[], left_out=[])


def packed(members, form=str(FORMAT), after=()):
    """A gzipped tar of (name, type, content or link)."""
    raw = io.BytesIO()
    headers = {} if form is None else {FORMAT_KEY: form}
    with (
        gzip.GzipFile(fileobj=raw, mode="wb") as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT, pax_headers=headers) as tar,
    ):
        for name, kind, content in [*members, *after]:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                info.linkname = content
            info.size = len(content) if kind == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(content) if kind == tarfile.REGTYPE else None)
    raw.seek(0)
    return raw


def listing(*entries):
    manifest = EMPTY.model_copy(update={"entries": list(entries)})
    return MANIFEST, tarfile.REGTYPE, manifest.model_dump_json().encode()


FILE = Entry(path="a", kind="file", mode=0o600, mtime=0, size=3, sha256=ABC)
GOOD = (f"{DATA}a", tarfile.REGTYPE, b"abc")


@pytest.fixture
def root(tmp_path):
    made = tmp_path / "in" / "root"
    made.mkdir(parents=True)
    return made


def test_an_archive_that_is_what_its_manifest_says_is_unpacked(root):
    assert unpack(packed([GOOD, listing(FILE)]), root, keep=True).entries == [FILE]
    assert tree(root) == {"a": ("file", 0o600, b"abc")}


HARMFUL = {
    "absolute": ([("/etc/evil", tarfile.REGTYPE, b"abc")], "does not belong below"),
    "absolute below": ([(f"{DATA}/evil", tarfile.REGTYPE, b"abc")], "does not belong below"),
    "up": ([(f"{DATA}../evil", tarfile.REGTYPE, b"abc")], "does not belong below"),
    "up from within": ([(f"{DATA}a/../../evil", tarfile.REGTYPE, b"abc")], "does not belong below"),
    "outside": ([("evil", tarfile.REGTYPE, b"abc")], "does not belong below"),
    "link out": ([(f"{DATA}a", tarfile.SYMTYPE, "../../x")], "leads out of the directory"),
    "absolute link": ([(f"{DATA}a", tarfile.SYMTYPE, "/etc/passwd")], "leads out of the directory"),
    "through a link": (
        [(f"{DATA}d", tarfile.SYMTYPE, "e"), (f"{DATA}d/a", tarfile.REGTYPE, b"abc"), (f"{DATA}d", tarfile.SYMTYPE, "f")],
        "twice",
    ),
    "hard link": ([GOOD, (f"{DATA}b", tarfile.LNKTYPE, f"{DATA}a")], "neither a file nor a directory nor a link"),
    "device": ([(f"{DATA}b", tarfile.CHRTYPE, b"")], "neither a file nor a directory nor a link"),
    "pipe": ([(f"{DATA}b", tarfile.FIFOTYPE, b"")], "neither a file nor a directory nor a link"),
    "twice": ([GOOD, GOOD], "holds 'a' twice"),
    "not listed": ([GOOD, listing()], "'a' is not in its manifest"),
    "missing": ([listing(FILE)], "'a' is not in it"),
    "other content": ([(f"{DATA}a", tarfile.REGTYPE, b"abd"), listing(FILE)], "'a' differs from its manifest"),
    "other size": ([(f"{DATA}a", tarfile.REGTYPE, b"abcd"), listing(FILE)], "'a' differs from its manifest"),
    "other kind": ([(f"{DATA}a", tarfile.DIRTYPE, b""), listing(FILE)], "'a' differs from its manifest"),
    "no manifest": ([GOOD], "breaks off: its manifest is missing"),
    "two manifests": ([GOOD, listing(FILE), listing(FILE)], "goes on after its manifest"),
    "manifest of nonsense": ([GOOD, (MANIFEST, tarfile.REGTYPE, b"{")], "its manifest cannot be read"),
    "newer manifest": (
        [GOOD, (MANIFEST, tarfile.REGTYPE, EMPTY.model_copy(update={"format": FORMAT + 1}).model_dump_json().encode())],
        "newer one",
    ),
    "file as a directory": ([GOOD, (f"{DATA}a/b", tarfile.REGTYPE, b"abc")], "contradicts itself"),
}


@pytest.mark.parametrize("which", HARMFUL)
def test_an_archive_that_is_not_what_it_should_be_is_refused(root, which):
    members, why = HARMFUL[which]
    with pytest.raises(DamagedError, match=why):
        unpack(packed(members), root, keep=True)
    assert sorted(path.name for path in root.parent.iterdir()) == ["root"]


@pytest.mark.parametrize(
    ("form", "why"),
    [(str(FORMAT + 1), "restore it with the version that took it, or a newer one"), (None, "no backup"), ("x", "no backup")],
)
def test_an_archive_of_another_format_is_refused_before_anything_is_unpacked(root, form, why):
    with pytest.raises(DamagedError, match=why):
        unpack(packed([GOOD, listing(FILE)], form), root, keep=True)
    assert tree(root) == {}


def test_a_manifest_that_is_too_long_is_not_read(root, monkeypatch):
    monkeypatch.setattr(archive, "MAX_MANIFEST", 10)
    with pytest.raises(DamagedError, match="more than the 10"):
        unpack(packed([GOOD, listing(FILE)]), root, keep=True)


def test_an_archive_with_any_other_bit_is_refused_or_says_the_same(data, target, said, root):
    """Every 97th byte of a real backup turned over, and every 501st length cut off.

    Some bits are free: what repeats may be copied from further back (RFC 1951 §3.2.5), and the last byte has some to spare.
    """
    (data / "deep" / "big.bin").write_bytes(b"abc" * 400)
    stored = take(Wanted(data, "data"), target, said).backup
    whole = (target.root / stored.file).read_bytes()
    assert _reads(whole, root / "whole")
    for at in range(10, len(whole), 97):  # what comes before are gzip's flags, time and system
        broken = bytearray(whole)
        broken[at] ^= 0x10
        assert not _reads(broken, root / f"bit{at}") or gzip.decompress(broken) == gzip.decompress(whole), at
    for length in range(0, len(whole), 501):
        assert not _reads(whole[:length], root / f"cut{length}"), length


def _reads(content, root):
    root.mkdir()
    try:
        unpack(io.BytesIO(content), root, keep=False)
    except DamagedError:
        return False
    return True


def test_what_is_in_an_archive_depends_on_the_data_alone(data, target, said):
    first = take(Wanted(data, "data"), target, said, clock=lambda: 1.0)
    second = take(Wanted(data, "other"), target, said, clock=lambda: 1.0)
    assert first.manifest.entries == second.manifest.entries
    assert Stored("data", first.backup.id, first.backup.size) in target.stored()
