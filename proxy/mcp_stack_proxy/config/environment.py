"""Variables for `${VAR}`: the process environment, then files, which is how Kubernetes mounts a Secret.

A file follows the rotation of its Secret, a variable does not: that is why both exist.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLES_DIR = "MCP_VARIABLES_DIR"
"""Variable that names the directory: a file's name is the variable, its content without the last line break the value."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class UnreadableVariable(ValueError):
    """The file behind a variable exists and cannot be used. Names the path, never the content."""


def environment(base: Mapping[str, str]) -> Mapping[str, str]:
    """`base`, completed by the files of the directory that `base` names as MCP_VARIABLES_DIR; read when asked for."""
    directory = base.get(VARIABLES_DIR)
    return _WithFiles(base, Path(directory)) if directory else base


class _WithFiles(Mapping[str, str]):
    def __init__(self, base: Mapping[str, str], directory: Path) -> None:
        self._base = base
        self._directory = directory

    def __getitem__(self, name: str) -> str:
        if name in self._base:
            return self._base[name]
        if not _NAME.fullmatch(name):
            raise KeyError(name)
        path = self._directory / name
        try:
            return path.read_bytes().decode().removesuffix("\n")
        except FileNotFoundError:
            if self._directory.is_dir():
                raise KeyError(name) from None
            raise UnreadableVariable(f"{VARIABLES_DIR} names {self._directory}, which is no directory") from None
        except UnicodeDecodeError:
            raise UnreadableVariable(f"{path} is no UTF-8 text") from None
        except OSError as error:
            raise UnreadableVariable(f"{path} cannot be read: {error.strerror}") from None

    def __iter__(self) -> Iterator[str]:
        yield from self._base
        if self._directory.is_dir():
            names = sorted(path.name for path in self._directory.iterdir() if path.is_file())
            yield from (name for name in names if _NAME.fullmatch(name) and name not in self._base)

    def __len__(self) -> int:
        return sum(1 for _ in self)
