"""The manifest of a backup: what is in it, as it was when it was taken."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import DamagedError

FORMAT = 1
"""Of the archive. Raised with every change that an older version cannot read."""
FORMAT_KEY = "MCPSTACK.format"
"""Global pax header of the archive, so that a newer one is refused by its first block."""
MANIFEST = "manifest.json"
"""Last member of the archive: one that breaks off has none."""
DATA = "data/"
"""What the other members' names begin with."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Entry(BaseModel):
    """A file, directory or link. `database`: a copy made by SQLite, which is checked by it, too."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    kind: Literal["file", "database", "directory", "link"]
    mode: Annotated[int, Field(ge=0, le=0o7777)]
    mtime: int
    size: Annotated[int, Field(ge=0)] = 0
    sha256: Sha256 | None = None
    """Of files and databases."""
    target: str | None = None
    """Of links."""


class Manifest(BaseModel):
    """What one backup holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    name: str
    id: str
    created: str
    """By the clock of who took it: RFC 3339, UTC."""
    source: str
    """Directory that it was taken from."""
    tool: str
    """Version of mcp-stack-proxy."""
    entries: list[Entry]
    left_out: list[str]
    """Sockets, pipes and devices."""

    def of_kind(self, *kinds: str) -> list[Entry]:
        """Entries that are one of `kinds`."""
        return [entry for entry in self.entries if entry.kind in kinds]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries)


def parsed(data: bytes) -> Manifest:
    """The manifest that `data` is. DamagedError if it is none."""
    try:
        manifest = Manifest.model_validate_json(data)
    except ValidationError as error:
        raise DamagedError(f"its manifest cannot be read: {error.errors()[0]['msg']}") from error
    check_format(str(manifest.format))
    return manifest


def check_format(found: str | None) -> None:
    """Refuse what a newer version wrote, which may mean something else by the same bytes."""
    if found is None or not found.isdecimal():
        raise DamagedError("it is no backup of mcp-stack-proxy")
    if int(found) > FORMAT:
        why = f"it is of format {found}, and this version reads up to {FORMAT}"
        raise DamagedError(f"{why}; restore it with the version that took it, or a newer one")
