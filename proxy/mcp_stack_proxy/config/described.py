"""What the keys of a model mean: the docstrings under its fields, read from the source where somebody asks for them.

Pydantic reads them as each class is made (`use_attribute_docstrings`), which parses every class's source at every start of every
program, for texts that only schemas and reference pages show.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from inspect import cleandoc, get_annotations, getsource

from pydantic import BaseModel


@cache
def descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """Docstring of each field of `model` by the field's name. A field that is declared anew has no other than its own."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if not issubclass(one, BaseModel) or one is BaseModel:
            continue
        own = _classes(one.__module__).get(one.__qualname__, {})
        for name in get_annotations(one):
            found.pop(name, None)
            if name in own and name in model.model_fields:
                found[name] = own[name]
    return found


@cache
def _classes(module: str) -> Mapping[str, Mapping[str, str]]:
    """Qualified name of each class in `module` -> name of an attribute -> its docstring."""
    return dict(_within(ast.parse(getsource(sys.modules[module])), ""))


def _within(node: ast.AST, path: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.ClassDef):
            yield f"{path}{inner.name}", dict(_attributes(inner))
            yield from _within(inner, f"{path}{inner.name}.")
        elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _within(inner, f"{path}{inner.name}.<locals>.")
        else:
            yield from _within(inner, path)


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Attributes that a text follows, and the text without its indentation."""
    for pair in zip(node.body, node.body[1:], strict=False):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, cleandoc(text)
            case _:
                pass
