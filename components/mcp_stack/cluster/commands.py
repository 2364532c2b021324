"""What the commands do that look at a real cluster."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..names import namespace_of
from ..preview import KubeObject, NoSuchProject, NoSuchStack, PreviewError, find_project, load_project
from ..preview.checking import spec_of
from ..preview.checks import External, Finding
from .api import ClusterError, connect
from .diagnosis import Diagnosis, diagnose
from .preflight import lacking
from .reading import read_world


def ask(context: str | None, objects: Sequence[KubeObject], external: External) -> list[Finding]:
    """What the cluster of `context` lacks of what `objects` need. PreviewError where it cannot be asked."""
    try:
        with connect(context) as api:
            return lacking(objects, external, api)
    except ClusterError as error:
        raise PreviewError(f"--cluster: {error}") from None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a stack's objects brought to light."""

    found: list[Diagnosis]
    refused: list[str]
    """What the account may not look at."""
    summary: str


def look(project: Path, stack: str, namespace: str | None, context: str | None) -> Seen:
    """What is wrong with `stack` as it runs; PreviewError where nothing can be said."""
    where = namespace or namespace_in(project, stack)
    try:
        with connect(context) as api:
            world, refused = read_world(api, stack, where)
            place = f"stack {stack} in namespace {where} of {api.where}"
    except ClusterError as error:
        raise PreviewError(str(error)) from None
    if not world.objects and not refused:
        raise PreviewError(f"nothing of {place}: is it deployed there? --context and --namespace say where to look")
    found = diagnose(world)
    count = f"{len(found) or 'no'} finding{'' if len(found) == 1 else 's'}"
    return Seen(found, refused, f"{place}: {count}, {len(world.objects)} objects seen")


def as_data(found: Sequence[Diagnosis]) -> str:
    """Findings as JSON."""
    return json.dumps([one.data() for one in found], indent=2, ensure_ascii=False) + "\n"


def namespace_in(project: Path, stack: str) -> str:
    """Namespace that the project's stack file says; that of a stack without one, where there is no such file here."""
    try:
        spec = spec_of(load_project(find_project(project)), stack)
    except (NoSuchProject, NoSuchStack):
        spec = None
    return spec.namespace if spec is not None else namespace_of(stack)
