"""Marks are found where they count, and nowhere else."""

import textwrap

import pytest

from tools.parity.marks import Mark, scan, scan_source

HEAD = "import pytest\n"


def scanned(source):
    return scan_source("tests/x/test_x.py", HEAD + textwrap.dedent(source))


@pytest.mark.parametrize(
    ("source", "marks"),
    [
        ('@pytest.mark.parity("a.b")\ndef test_one(): ...', [("test_one", "a.b")]),
        ('@pytest.mark.parity("a.b", "a.c")\nasync def test_one(): ...', [("test_one", "a.b"), ("test_one", "a.c")]),
        ('@pytest.mark.parity("a.b")\nclass TestIt:\n    def test_one(self): ...', [("TestIt::test_one", "a.b")]),
        (
            '@pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.parity("a.b"))])\ndef test_one(x): ...',
            [("test_one", "a.b")],
        ),
        ('@pytest.mark.requirement("a.b")\ndef test_one(): ...', []),
    ],
)
def test_a_mark_belongs_to_the_test_that_carries_it(source, marks):
    found = scanned(source)
    assert [(mark.test, mark.id) for mark in found.marks] == [(f"tests/x/test_x.py::{test}", name) for test, name in marks]
    assert found.faults == ()


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ('pytestmark = pytest.mark.parity("a.b")', "belongs on a test, a class with tests, or into pytestmark"),
        ('marks = pytest.mark.parity("a.b")\ndef test_one(): ...', "belongs on a test, a class with tests, or into pytestmark"),
        ('@pytest.mark.parity("a.b")\ndef no_test(): ...', "belongs on a test, a class with tests, or into pytestmark"),
        ("@pytest.mark.parity(NAME)\ndef test_one(): ...", "takes ids as plain strings"),
        ("@pytest.mark.parity()\ndef test_one(): ...", "takes ids as plain strings"),
    ],
)
def test_a_mark_that_would_show_nothing_is_a_fault(source, fault):
    (line,) = scanned(source).faults
    assert line.startswith("tests/x/test_x.py:2: ")
    assert line.endswith(fault)


def test_a_pytestmark_belongs_to_the_file():
    found = scanned('pytestmark = [pytest.mark.slow, pytest.mark.parity("a.b")]\ndef test_one(): ...\ndef test_two(): ...')
    assert found.marks == (Mark("tests/x/test_x.py", "a.b", 2),)
    assert found.faults == ()


def test_every_test_file_below_the_directory_is_read(tmp_path):
    deep = tmp_path / "tests" / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "test_it.py").write_text(HEAD + '@pytest.mark.parity("a.b")\ndef test_one(): ...\n')
    (deep / "support.py").write_text("not even python")
    assert scan(tmp_path).marks == (Mark("tests/a/b/test_it.py::test_one", "a.b", 2),)
