"""A stack's configuration from its file, without the Pulumi engine."""

from pathlib import Path
from typing import Any, cast

from mcp_stack_proxy.config import ConfigError, Problem

from ..preview import project_files
from ..spec import StackSpec, load_spec, stack_file_name
from ..spec.load import problems_beside
from ..spec.reading import read

PROJECT_FILE = "Pulumi.yaml"

KEY = "stack"
"""Key of the stack's description within the project's namespace."""


def read_spec(directory: Path, stack: str) -> StackSpec:
    """The checked stack of `Pulumi.{stack}.yaml` in `directory`; ConfigError where it cannot be had."""
    project = _project(directory).get("name")
    if not isinstance(project, str):
        raise ConfigError(PROJECT_FILE, [Problem("name", "required, but missing" if project is None else "is no text")])
    place = config_directory(directory)
    known = [path.name for path in project_files.stack_files(place)]
    path = project_files.stack_file(place, stack) or place / stack_file_name(stack)
    source = path.name
    key = f"{project}:{KEY}"
    document, unread = _read(path, f"stack files here: {', '.join(known) or 'none'}")
    values = document.get("config")
    if unread:
        described = cast("dict[str, Any]", values).get(key) if isinstance(values, dict) else None
        raise ConfigError(source, problems_beside(unread, described, stack, cluster=False) if described else unread)
    if not isinstance(values, dict) or key not in values:
        instead = _instead(project, cast("object", values))
        raise ConfigError(source, [Problem("config", f"has no key `{key}`, which describes the stack{instead}")])
    return load_spec(cast("dict[str, Any]", values)[key], stack, source, cluster=False)


def config_directory(directory: Path) -> Path:
    """Where the stack files of the project in `directory` are."""
    return project_files.config_directory(directory, _project(directory))


def _project(directory: Path) -> dict[str, Any]:
    path = project_files.project_file(directory) or directory / PROJECT_FILE
    return _mapping(path, "is this the directory of a Pulumi project?")


def _instead(project: str, values: object) -> str:
    """The key of a project that is called otherwise, as a file has it that was copied."""
    found = [one for one in cast("dict[str, Any]", values) if one.endswith(f":{KEY}")] if isinstance(values, dict) else []
    return f"; `{found[0]}` is that of another project, this one is called {project!r} (Pulumi.yaml)" if found else ""


def _mapping(path: Path, hint: str) -> dict[str, Any]:
    document, problems = _read(path, hint)
    if problems:
        raise ConfigError(path.name, problems)
    return document


def _read(path: Path, hint: str) -> tuple[dict[str, Any], list[Problem]]:
    try:
        document, problems = read(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(path.name, [Problem("", f"there is no such file in {path.parent}; {hint}")]) from None
    except OSError as error:
        raise ConfigError(path.name, [Problem("", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        raise ConfigError(path.name, [Problem("", f"is no UTF-8: {error}")]) from None
    if document is None:  # an empty file, or one that is no YAML
        return {}, problems
    if not isinstance(document, dict):
        raise ConfigError(path.name, [Problem("", "expected a mapping")])
    return cast("dict[str, Any]", document), problems
