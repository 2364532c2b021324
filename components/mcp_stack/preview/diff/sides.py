"""The two evaluations that a comparison is made of, and what they are called in its heading."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import NoSuchProject, NoSuchStack
from ..evaluate import render
from ..plainly import require_plain
from ..rendered import Rendered
from ..revision import render_revision, short_name


@dataclass(frozen=True, slots=True)
class Side:
    """A stack at one point: `rendered` is None where the stack is not there, before it is written or after its file is deleted."""

    name: str
    rendered: Rendered | None


def both(project: Path, stack: str, base: str, head: str | None) -> tuple[Side, Side]:
    """`stack` at the revisions `base` and `head` (None: the files as they are). NoSuchStack where neither side has it: a typo."""
    now = _at(project, stack, head) if head is not None else _here(project, stack)
    then = _at(project, stack, base)
    sides = [_named(*one) for one in ((short_name(project, base), then), (_head_name(project, head), now))]
    if isinstance(now, NoSuchProject | NoSuchStack) and sides[0].rendered is None:
        raise now
    return sides[0], sides[1]


_Found = Rendered | NoSuchProject | NoSuchStack


def _here(project: Path, stack: str) -> _Found:
    try:
        require_plain(project, stack)
        return render(project, stack)
    except NoSuchStack as error:
        return error


def _at(project: Path, stack: str, revision: str) -> _Found:
    try:
        return render_revision(project, stack, revision)
    except (NoSuchProject, NoSuchStack) as error:
        return error


def _head_name(project: Path, head: str | None) -> str:
    return "working tree" if head is None else short_name(project, head)


def _named(name: str, found: _Found) -> Side:
    return Side(name, found) if isinstance(found, Rendered) else Side(f"{name}, which has no such stack", None)
