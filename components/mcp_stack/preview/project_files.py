"""Where the Pulumi CLI has the files of a project, for whoever evaluates a program and for whoever reads a stack file alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml")
SUFFIXES = (".yaml", ".yml")
"""Both spellings that the CLI takes, in its order."""


def project_file(directory: Path) -> Path | None:
    """The file that makes `directory` a project; None where it is none."""
    return next((directory / name for name in PROJECT_FILES if (directory / name).is_file()), None)


def config_directory(directory: Path, document: Mapping[str, Any]) -> Path:
    """Directory of the stack files, by the project file's `document`: `stackConfigDir`, or its older form `config: DIR`."""
    told = document.get("stackConfigDir") or document.get("config")
    return directory / told if isinstance(told, str) else directory


def stack_file(place: Path, stack: str) -> Path | None:
    """File of `stack` in the directory of stack files; None where there is none."""
    return next((path for suffix in SUFFIXES if (path := place / f"Pulumi.{stack}{suffix}").is_file()), None)


def stack_files(place: Path) -> list[Path]:
    """Files of all stacks, in order of name."""
    return sorted(path for suffix in SUFFIXES for path in place.glob(f"Pulumi.*{suffix}") if path.is_file())
