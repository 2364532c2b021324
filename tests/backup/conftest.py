"""Data, a place for their backups, and what a backup says."""

import io
import json

import pytest

from mcp_stack_proxy.backup.directory import DirectoryTarget
from mcp_stack_proxy.backup.progress import Progress

FILES = {"notes.txt": b"remember the milk\n", "deep/er/empty": b"", "deep/big.bin": bytes(range(256)) * 9000}


class Said(Progress):
    """Progress whose lines can be asked for."""

    def __init__(self):
        self.stream = io.StringIO()
        super().__init__(self.stream)

    @property
    def lines(self):
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def events(self, event):
        return [line for line in self.lines if line["event"] == event]


@pytest.fixture
def said():
    return Said()


@pytest.fixture
def data(tmp_path):
    """A directory with files, an empty directory, a link, and modes of their own."""
    root = tmp_path / "data"
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    (root / "hollow").mkdir(mode=0o750)
    (root / "link").symlink_to("deep/big.bin")
    (root / "notes.txt").chmod(0o640)
    return root


@pytest.fixture
def target(tmp_path):
    place = tmp_path / "backups"
    place.mkdir()
    return DirectoryTarget(str(place))
