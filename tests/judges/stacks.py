"""Every stack that the project ships, rendered once."""

from functools import cache
from pathlib import Path

from mcp_stack.preview import Rendered, load_project, render, stack_names
from mcp_stack.preview.documents import shown

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

LOCAL = "local"
"""Stack of this machine; no cluster ever sees it."""


def projects():
    """The project itself, then the examples by name, as far as their programs are in Python."""
    programs = sorted(path.parent for path in EXAMPLES.glob("*/Pulumi.yaml"))
    return [ROOT, *(path for path in programs if (path / "__main__.py").is_file())]


STACKS = [(directory, stack) for directory in projects() for stack in stack_names(load_project(directory)) if stack != LOCAL]
NAMES = [f"{directory.name if directory != ROOT else 'project'}-{stack}" for directory, stack in STACKS]

PROGRAMS = {"federation", "sidecar"}
"""Projects with a program of their own, whose files hold no stack that a test could change."""

OF_FILES = [(directory, stack) for directory, stack in STACKS if directory.name not in PROGRAMS]
OF_FILES_NAMES = [name for name, (directory, _) in zip(NAMES, STACKS, strict=True) if directory.name not in PROGRAMS]


@cache
def rendered(directory: Path, stack: str) -> Rendered:
    return render(directory, stack)


def manifests(directory: Path, stack: str):
    """Objects as `mcp-stack render` shows them."""
    return [shown(item) for item in rendered(directory, stack).objects]
