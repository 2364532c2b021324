"""The manifest of protocol requirements and the tests that prove them: neither has an entry that the other lacks."""

import ast
import re
from pathlib import Path

import pytest

from tests.requirements import REQUIREMENTS

TESTS = Path(__file__).parent


def marks(source):
    """Ids of `pytest.mark.requirement(...)` on tests of `source`, and the lines of marks that stand elsewhere or name no id."""
    tree = ast.parse(source)
    tests = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]
    on_tests = {id(mark): mark for test in tests for decorator in test.decorator_list for mark in calls(decorator)}
    strays = [mark.lineno for mark in calls(tree) if id(mark) not in on_tests]
    ids = []
    for mark in on_tests.values():
        values = [
            argument.value for argument in mark.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if not values or len(values) != len(mark.args) or mark.keywords:
            strays.append(mark.lineno)
        ids += values
    return ids, strays


def calls(node):
    return [
        inner for inner in ast.walk(node) if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "pytest.mark.requirement"
    ]


def scan():
    found = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        ids, strays = marks(path.read_text(encoding="utf-8"))
        where = path.relative_to(TESTS).as_posix()
        assert strays == [], f"{where}: a requirement mark takes ids as plain strings and belongs on a test"
        for name in ids:
            found.setdefault(name, []).append(where)
    return found


def test_every_requirement_has_a_test_and_every_mark_a_requirement():
    found = scan()
    assert sorted(set(REQUIREMENTS) - set(found)) == [], "in tests/requirements.py, but no test proves them"
    assert {name: where for name, where in found.items() if name not in REQUIREMENTS} == {}, (
        "marked, but not in tests/requirements.py"
    )


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_a_requirement_is_a_sentence_with_its_source(name):
    sentence, source = REQUIREMENTS[name]
    assert re.fullmatch(r"[a-z]+:[a-z0-9]+([.-][a-z0-9]+)*", name)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert re.match(r"https://|RFC \d+, section \d|DESIGN: ", source)


@pytest.mark.parametrize(
    ("source", "ids", "strays"),
    [
        ('@pytest.mark.requirement("a:b", "a:c")\ndef test_it(): ...', ["a:b", "a:c"], []),
        ('@pytest.mark.requirement("a:b")\nasync def test_it(): ...', ["a:b"], []),
        ('class TestIt:\n    @pytest.mark.requirement("a:b")\n    def test_it(self): ...', ["a:b"], []),
        (
            '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.requirement("a:b"))])\ndef test_it(x): ...',
            ["a:b"],
            [],
        ),
        ("@pytest.mark.requirement(NAME)\ndef test_it(): ...", [], [1]),
        ("@pytest.mark.requirement()\ndef test_it(): ...", [], [1]),
        ('@pytest.mark.requirement("a:b")\ndef helps(): ...', [], [1]),
        ('pytestmark = pytest.mark.requirement("a:b")', [], [1]),
        ('@pytest.mark.parity("a.b")\ndef test_it(): ...', [], []),
        ("TEXT = '@pytest.mark.requirement(\"a:b\")'", [], []),
    ],
)
def test_marks_are_found_where_they_count(source, ids, strays):
    assert marks(source) == (ids, strays)
