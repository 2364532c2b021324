"""From a project directory and a stack's name to a Rendered."""

import runpy
from pathlib import Path

import pulumi

from .engine import Settings, execute
from .errors import PreviewError
from .isolation import inside, rare_collections
from .project import load_config, load_project
from .rendered import Rendered, rendered

TIMEOUT_SECONDS = 120.0
"""A program that takes longer loops, or waits for something that never comes."""


def render(directory: Path, stack: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Rendered:
    """Runs the Python program of the project in `directory` with the configuration of `stack`.

    Needs no Pulumi CLI, no plugin, no cluster and no passphrase. PreviewError says what is wrong with project, stack file or
    program in words for its author; a fault in the program's code names the line.
    """
    project = load_project(directory.resolve())
    config = load_config(project, stack)
    settings = Settings(project.name, stack, config.values, config.secrets, str(project.directory))
    home = project.program if project.program.is_dir() else project.program.parent
    script = home / "__main__.py" if project.program.is_dir() else project.program
    if not script.is_file():
        raise PreviewError(f"{project.directory / 'Pulumi.yaml'}: main: {script} does not exist")
    with inside(home), rare_collections():
        try:
            run = execute(lambda: runpy.run_path(str(script), run_name="__main__"), settings, timeout_seconds)
        except PreviewError:
            raise
        except (Exception, SystemExit) as error:
            raise PreviewError(explain(error, home)) from error
    return rendered(project.name, stack, run)


def explain(error: BaseException, home: Path) -> str:
    """What went wrong, for the author of the program in `home`. Errors that are written for readers pass word for word."""
    if isinstance(error, pulumi.RunError) or hasattr(error, "problems"):
        return str(error)
    if isinstance(error, SystemExit):
        return f"the program ended itself: {error.code}"
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    place = _place_in(error, home)
    return f"{place}: {text}" if place else text


def _place_in(error: BaseException, home: Path) -> str | None:
    """`file:line` of the innermost frame in the program's own files."""
    found, trace = None, error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(home) and "site-packages" not in path.parts:
            found = f"{path.relative_to(home)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
