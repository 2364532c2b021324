"""Which test carries which `@pytest.mark.parity("id", ...)`: read from the source, nothing is imported or collected."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mark:
    """One id on one test. `test` is what pytest calls it (a whole file for a `pytestmark`), `line` the mark's."""

    test: str
    id: str
    line: int


@dataclass(frozen=True, slots=True)
class Scan:
    """Marks in the order of files and lines, and what could not be read as one."""

    marks: tuple[Mark, ...]
    faults: tuple[str, ...]


def scan(root: Path, directory: str = "tests") -> Scan:
    """Every mark in `test_*.py` below `directory` of `root`."""
    marks: list[Mark] = []
    faults: list[str] = []
    for path in sorted((root / directory).rglob("test_*.py")):
        name = path.relative_to(root).as_posix()
        found = scan_source(name, path.read_text(encoding="utf-8"))
        marks += found.marks
        faults += found.faults
    return Scan(tuple(marks), tuple(faults))


def scan_source(name: str, source: str) -> Scan:
    """Marks of one file. A mark that stands elsewhere than on tests is a fault: it would show nothing."""
    tree = ast.parse(source, name)
    marks: list[Mark] = []
    faults: list[str] = []
    seen: set[int] = set()
    for test, decorators in [*_whole(tree.body, name), *_tests(tree.body, name, ())]:
        for call in (call for decorator in decorators for call in _parity_calls(decorator)):
            seen.add(id(call))
            ids = [
                argument.value for argument in call.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
            ]
            if not ids or len(ids) != len(call.args) or call.keywords:
                faults.append(f"{name}:{call.lineno}: a parity mark takes ids as plain strings")
            marks += [Mark(test, one, call.lineno) for one in ids]
    strays = [call for call in _parity_calls(tree) if id(call) not in seen]
    faults += [f"{name}:{call.lineno}: a parity mark belongs on a test, a class with tests, or into pytestmark" for call in strays]
    return Scan(tuple(marks), tuple(faults))


def _whole(body: list[ast.stmt], name: str) -> Iterator[tuple[str, tuple[ast.expr, ...]]]:
    """The file itself with its `pytestmark`, if it holds a test."""
    values = [node.value for node in body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"]
    if values and any(_tests(body, name, ())):
        yield name, tuple(values)


def _tests(body: list[ast.stmt], prefix: str, outer: tuple[ast.expr, ...]) -> Iterator[tuple[str, tuple[ast.expr, ...]]]:
    """Test functions with the decorators in force: their own and those of the classes around them."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield f"{prefix}::{node.name}", (*outer, *node.decorator_list)
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests(node.body, f"{prefix}::{node.name}", (*outer, *node.decorator_list))


def _parity_calls(node: ast.AST) -> Iterator[ast.Call]:
    """Calls of `pytest.mark.parity` below `node`, those inside `pytest.param` included."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "pytest.mark.parity":
            yield inner
