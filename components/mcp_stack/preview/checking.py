"""`mcp-stack check`: one stack, evaluated and judged."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from mcp_stack_proxy.config import ConfigError

from ..spec import StackSpec, load_spec
from ..spec.notices import MARK
from .checks import External, Finding, check_objects
from .declared import declared_by, looked_up_by
from .errors import NoSuchProject, NoSuchStack, PreviewError
from .evaluate import render
from .plainly import KEY, require_plain
from .policies import configured_for, policy_findings
from .project import Project, load_config, load_project
from .rendered import KubeObject, Rendered

Ask = Callable[[Sequence[KubeObject], External], list[Finding]]


def check_stack(
    directory: Path,
    stack: str,
    external: External | None = None,
    policies: Path | None = None,
    beside: Sequence[str] = (),
    ask: Ask | None = None,
) -> list[Finding]:
    """Everything wrong with `stack`: what its program refuses, what is wrong with its objects, what breaks a policy, and what
    nobody here can see. `policies`: file that configures the policies, instead of the project's own. `beside`: stacks of the
    project in the same cluster, whose objects are judged along with it, so that flows between them show on both sides. `ask`: looks
    at a cluster for what the objects need beside each other.

    NoSuchProject or NoSuchStack where there is nothing to check.
    """
    source = f"stack {stack}"
    configured = configured_for(directory, stack, policies)
    try:
        project = load_project(directory)
        require_plain(directory, stack)
        rendered, others = render(directory, stack), [render(directory, other) for other in beside]
    except (NoSuchProject, NoSuchStack):
        raise
    except PreviewError as error:
        return _problems(str(error), source)
    spec = spec_of(project, stack)
    declared = declared_by(spec) if spec else External()
    known = declared | looked_up_by(rendered) | (external or External())
    objects = list(rendered.objects)
    for name, other in zip(beside, others, strict=True):
        theirs = spec_of(project, name)
        known = known | looked_up_by(other) | (declared_by(theirs) if theirs else External())
        objects += other.objects
    found = [*check_objects(objects, known, spec), *policy_findings(rendered, configured)]
    asked = ask(rendered.objects, declared) if ask is not None else []
    return [*found, *asked, *_unseen(rendered), *_logged(rendered, source)]


def spec_of(project: Project, stack: str) -> StackSpec | None:
    """What the stack's file asks for. A project whose program takes other configuration asks for nothing there."""
    value = load_config(project, stack).values.get(f"{project.name}:{KEY}")
    if value is None:
        return None
    try:
        return load_spec(json.loads(value), stack, cluster=False)
    except (ValueError, ConfigError):
        return None


def _problems(text: str, source: str) -> list[Finding]:
    """An error that lists problems, one finding each: its first line is a heading, the indented ones are the problems."""
    heading, *lines = text.splitlines() or [""]
    problems = [line.strip() for line in lines if line.startswith("  ")]
    if not problems or len(problems) != len(lines):
        return [Finding("program", source, "", " ".join(text.split()))]
    where = heading.partition(":")[0]
    return [Finding("spec", where, *_split(problem)) for problem in problems]


def _split(problem: str) -> tuple[str, str]:
    path, colon, message = problem.partition(": ")
    return (path, message) if colon and " " not in path else ("", problem)


def _unseen(rendered: Rendered) -> list[Finding]:
    message = "its objects are made by a plugin at deployment, so nothing here has judged them"
    return [Finding("unseen", f"{resource.type} {resource.name}", "", message, "warning") for resource in rendered.unseen]


def _logged(rendered: Rendered, source: str) -> list[Finding]:
    return [_said(" ".join(text.split()), source) for text in rendered.warnings]


def _said(text: str, source: str) -> Finding:
    """A warning of the program; a notice of the components names the file and key that it is about."""
    if not text.startswith(MARK):
        return Finding("program", source, "", text, "warning")
    where, _, rest = text.removeprefix(MARK).partition(": ")
    return Finding("spec", where, *_split(rest), "notice")
