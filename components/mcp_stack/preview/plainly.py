"""Whether a stack file stands for one stack, before it is evaluated. A revision of the past is evaluated as it was."""

from pathlib import Path
from typing import Any, cast

from mcp_stack_proxy.config import ConfigError

from ..spec.load import problems_beside
from ..spec.reading import read
from .errors import PreviewError
from .project import load_project, stack_path

KEY = "stack"
"""Key of the project's namespace that holds a stack of mcp-stack."""


def require_plain(directory: Path, stack: str) -> None:
    """PreviewError with everything in the file of `stack` that readers of YAML take differently, and what is wrong beside it."""
    project = load_project(directory)
    path = stack_path(project, stack)
    try:
        data, problems = read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PreviewError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise PreviewError(f"{path}: is no UTF-8: {error}") from None
    if problems:
        described = _at(data, "config", f"{project.name}:{KEY}")
        raise PreviewError(str(ConfigError(str(path), problems_beside(problems, described, stack) if described else problems)))


def _at(document: Any, *keys: str) -> Any:
    for key in keys:
        document = cast("dict[str, Any]", document).get(key) if isinstance(document, dict) else None
    return document
