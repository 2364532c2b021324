"""Another revision of the same project, evaluated by its own code."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from .child import BOOTSTRAP
from .errors import NoSuchProject, NoSuchStack, PreviewError
from .evaluate import TIMEOUT_SECONDS
from .rendered import Rendered
from .transfer import load

_ERRORS = {kind.__name__: kind for kind in (NoSuchProject, NoSuchStack)}


def render_revision(directory: Path, stack: str, revision: str) -> Rendered:
    """The project of `directory` as git has it at `revision`, evaluated in a process of its own.

    The working tree, the index and the list of worktrees stay as they are. Libraries come from this environment; whatever lies in
    the repository is the revision's. NoSuchStack or NoSuchProject where the revision does not have them yet.
    """
    top = Path(_git(directory, "rev-parse", "--show-toplevel").strip())
    commit = _commit(directory, revision)
    with TemporaryDirectory(prefix="mcp-stack-") as scratch:
        tree = Path(scratch) / "tree"
        tree.mkdir()
        index = {"GIT_INDEX_FILE": str(Path(scratch) / "index")}
        _git(top, "read-tree", commit, environment=index)
        _git(top, "checkout-index", "--all", f"--prefix={tree}/", environment=index)
        here = tree / directory.resolve().relative_to(top.resolve())
        try:
            return _evaluate(here, stack, Path(scratch) / "result", import_paths(sys.path, top, tree))
        except (NoSuchProject, NoSuchStack):
            raise
        except PreviewError as error:
            raise PreviewError(f"revision {revision} cannot be evaluated: {str(error).replace(f'{tree}{os.sep}', '')}") from None


def short_name(directory: Path, revision: str) -> str:
    """`revision` and the commit behind it, for a heading."""
    short = _git(directory, "rev-parse", "--short", _commit(directory, revision)).strip()
    return revision if revision.startswith(short) else f"{revision} ({short})"


def _commit(directory: Path, revision: str) -> str:
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    _git(directory, "rev-parse", "--git-dir")
    return _git(directory, *arguments, fault=f"{revision!r} is no revision of the repository of {directory}").strip()


def import_paths(paths: list[str], top: Path, tree: Path) -> list[str]:
    """`paths` that lie in the repository `top`, as they are called in its copy `tree`, without what git does not hold (a venv)."""
    top = top.resolve()
    inside = [Path(path).resolve() for path in paths if path and Path(path).resolve().is_relative_to(top)]
    copies = [tree / path.relative_to(top) for path in inside if path != top]
    return [str(copy) for copy in copies if copy.is_dir()]


def _evaluate(directory: Path, stack: str, result: Path, paths: list[str]) -> Rendered:
    command = [sys.executable, "-P", "-c", BOOTSTRAP, str(Path(__file__).parent), str(directory), stack, str(result)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS + 30)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise PreviewError(f"it did not end within {TIMEOUT_SECONDS + 30:g} s") from None
    if not result.is_file():
        raise PreviewError(f"its process ended with code {done.returncode}: {done.stderr.strip()[-2000:]}")
    text = result.read_text(encoding="utf-8")
    if text.startswith('{"error"'):
        failure = json.loads(text)
        raise _ERRORS.get(failure["kind"], PreviewError)(failure["error"])
    return load(text)


def _git(directory: Path, *arguments: str, environment: Mapping[str, str] | None = None, fault: str | None = None) -> str:
    command = ["git", "-C", str(directory), *arguments]
    try:
        done = subprocess.run(command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError:
        raise PreviewError("comparing revisions needs `git`, which is not installed") from None
    if done.returncode:
        raise PreviewError(fault or f"git {arguments[0]}: {done.stderr.strip() or f'exit code {done.returncode}'}")
    return done.stdout
