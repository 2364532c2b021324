"""Evaluates a project in a process of its own, where the project's code and not ours is imported as `mcp_stack`.

`revision` starts it. It loads this package under another name, so that a revision that has another version of it, or none, is
evaluated like any other program.
"""

import json
import sys
from pathlib import Path

from .errors import NoSuchProject, NoSuchStack, PreviewError
from .evaluate import render
from .transfer import dump

ALIAS = "preview_of_another_revision"

BOOTSTRAP = f"""
import importlib.util, pathlib, sys
home = pathlib.Path(sys.argv[1])
spec = importlib.util.spec_from_file_location({ALIAS!r}, home / "__init__.py", submodule_search_locations=[str(home)])
sys.modules[{ALIAS!r}] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
importlib.import_module({ALIAS + ".child"!r}).main(*sys.argv[2:])
"""


def main(directory: str, stack: str, result: str) -> None:
    """Writes the evaluation, or what is wrong, to the file `result`."""
    try:
        text = dump(render(Path(directory), stack))
    except PreviewError as error:
        kind = next((name.__name__ for name in (NoSuchStack, NoSuchProject) if isinstance(error, name)), "PreviewError")
        text = json.dumps({"error": str(error), "kind": kind})
    Path(result).write_text(text, encoding="utf-8")
    sys.stderr.flush()
