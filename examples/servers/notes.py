"""Notes in a directory, over HTTP, handshake revisions (up to 2025-11-25) alone: official SDK 1.x, before the modern revision.

Run: `.venv-legacy/bin/python examples/servers/notes.py --port 8002 --directory notes`, endpoint `/mcp`. Each note is a Markdown
file, so notes survive a restart.
"""

import argparse
import os
import re
import tempfile
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.lowlevel import NotificationOptions
from mcp.server.session import ServerSession
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
    ToolAnnotations,
)
from pydantic import BaseModel, Field

SUFFIX = ".md"
MAX_MATCHES = 50

_TITLE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,78}[A-Za-z0-9])?")

Title = Annotated[str, Field(description="Title: letters, digits, `-` and `_`, at most 80", pattern=f"^{_TITLE.pattern}$")]
Caller = Context[ServerSession, None]

READS = ToolAnnotations(readOnlyHint=True, openWorldHint=False)
CHANGES = ToolAnnotations(readOnlyHint=False, destructiveHint=True, idempotentHint=True, openWorldHint=False)


class Match(BaseModel):
    """A line of a note."""

    title: str
    line: int
    text: str


class Shelf:
    """The notes of one directory. A note appears whole or not at all, also when the machine dies while it is written."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def titles(self) -> list[str]:
        """Titles in order."""
        return sorted(path.stem for path in self._directory.glob(f"*{SUFFIX}") if _TITLE.fullmatch(path.stem))

    def read(self, title: str) -> str:
        """Text of a note; KeyError without one."""
        try:
            return self._path(title).read_text("utf-8")
        except FileNotFoundError:
            raise KeyError(title) from None

    def write(self, title: str, text: str) -> bool:
        """Put `text` under `title`; whether the note is new."""
        path = self._path(title)
        new = not path.exists()
        self._directory.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=self._directory, prefix=".new-", delete=False) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
        return new

    def delete(self, title: str) -> bool:
        """Whether there was such a note."""
        try:
            self._path(title).unlink()
        except FileNotFoundError:
            return False
        return True

    def _path(self, title: str) -> Path:
        if not _TITLE.fullmatch(title):
            raise KeyError(title)
        return self._directory / f"{title}{SUFFIX}"


def server(directory: Path, host: str = "127.0.0.1", port: int = 8002) -> FastMCP[Any]:
    """MCP server over the notes in `directory`."""
    shelf = Shelf(directory)
    notes: FastMCP[Any] = FastMCP(
        "notes", instructions="Short texts that outlive a conversation.", host=host, port=port, log_level="WARNING"
    )
    _announce_changes(notes)

    @notes.tool(title="Write a note", annotations=CHANGES)
    async def write(title: Title, text: Annotated[str, Field(max_length=100_000)], context: Caller) -> str:
        """Write a note; one of the same title is replaced."""
        new = shelf.write(title, text)
        if new:
            await context.session.send_resource_list_changed()
        return f"{'wrote' if new else 'replaced'} {title}"

    @notes.tool(title="Search notes", annotations=READS)
    def search(words: Annotated[str, Field(min_length=1, description="Words that a line holds, in any case")]) -> list[Match]:
        """Lines of all notes that hold all the words."""
        wanted = words.lower().split()
        lines = ((title, *line) for title in shelf.titles() for line in enumerate(shelf.read(title).splitlines(), 1))
        found = [Match(title=title, line=line, text=text) for title, line, text in lines if all(w in text.lower() for w in wanted)]
        return found[:MAX_MATCHES]

    @notes.tool(title="Delete a note", annotations=CHANGES)
    async def delete(title: Title, context: Caller) -> str:
        """Delete a note for good."""
        if not shelf.delete(title):
            raise ToolError(f"there is no note {title!r}; the resource note://index lists all of them")
        await context.session.send_resource_list_changed()
        return f"deleted {title}"

    @notes.resource("note://index", title="All notes", mime_type="application/json")
    def index() -> list[str]:
        """Titles of all notes."""
        return shelf.titles()

    @notes.resource("note://{title}", name="note", title="A note", mime_type="text/markdown")
    def note(title: str) -> str:
        """One note."""
        return shelf.read(title)

    @notes.prompt(title="Summarise a note")
    def summarise(title: Annotated[str, Field(description="Title of the note")]) -> str:
        """Summarise one note in three sentences."""
        return f"Summarise this note in three sentences.\n\n# {title}\n\n{shelf.read(title)}"

    @notes.completion()
    async def complete(
        _reference: PromptReference | ResourceTemplateReference, argument: CompletionArgument, _context: CompletionContext | None
    ) -> Completion | None:
        """Titles that begin with what was typed."""
        found = [title for title in shelf.titles() if title.lower().startswith(argument.value.lower())]
        return Completion(values=found[:100], total=len(found), hasMore=len(found) > 100)

    return notes


def _announce_changes(notes: FastMCP[Any]) -> None:
    """Declare `resources.listChanged`: the SDK sends the notification, but promises it only when asked to."""
    low = notes._mcp_server  # noqa: SLF001 - FastMCP 1.x has no other way to say it
    options = low.create_initialization_options
    low.create_initialization_options = lambda *_, **__: options(NotificationOptions(resources_changed=True))


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="Notes in a directory as an MCP server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8002")))
    parser.add_argument("--directory", type=Path, default=Path(os.environ.get("NOTES_DIR", "notes")))
    options = parser.parse_args()
    app = server(options.directory, options.host, options.port).streamable_http_app()
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
