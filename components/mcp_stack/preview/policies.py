"""The policy pack over an evaluated program: every Kubernetes object of it, also those that no component of ours made."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from mcp_stack_policy import (
    UNKNOWN,
    Configuration,
    Object,
    PolicyConfigError,
    Sensitive,
    configuration,
    judge,
    objects_of,
)

from .checks.finding import Finding
from .errors import PreviewError
from .rendered import Rendered, is_object
from .values import Secret, Unknown

SEVERITIES = {"mandatory": "error", "advisory": "warning"}


def policy_findings(rendered: Rendered, configured: Configuration) -> Iterator[Finding]:
    """What breaks a policy: an error where it is mandatory, a warning where it is advice."""
    for found in judge(_objects(rendered), configured):
        item, path = found.violation.object, found.violation.path
        yield Finding(found.policy.name, item.title, path, found.text, SEVERITIES[found.level])


def configured_for(directory: Path, stack: str, given: Path | None = None) -> Configuration:
    """Configuration from `given`, else from `policies.{stack}.json` or `policies.json` of the project, else the pack's own."""
    usual = (directory / f"policies.{stack}.json", directory / "policies.json")
    path = given or next((one for one in usual if one.is_file()), None)
    if path is None:
        return configuration({})
    try:
        return configuration(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise PreviewError(f"{path}: {error.strerror}") from None
    except PolicyConfigError as error:
        raise PreviewError(
            "\n".join([f"{path}: {len(error.problems)} problems", *(f"  {one}" for one in error.problems)])
        ) from None
    except ValueError as error:
        raise PreviewError(f"{path}: no JSON: {error}") from None


def _objects(rendered: Rendered) -> Iterable[Object]:
    """Objects with the namespace that their provider gives them; lists and patches as they were registered."""
    for item in rendered.objects:
        if not item.kind.endswith("List"):
            yield Object(_marked(item.manifest), item.urn)
    for resource in rendered.resources:
        if resource.custom and not resource.read and (not is_object(resource) or str(resource.inputs.get("kind")).endswith("List")):
            yield from objects_of(resource.type, resource.urn, _marked(resource.inputs))


def _marked(value: Any) -> Any:
    """`value` with secrets and unknowns marked in the pack's own way."""
    if isinstance(value, Secret):
        return Sensitive(_marked(value.value))
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: _marked(inner) for key, inner in cast("Mapping[str, Any]", value).items()}
    return [_marked(inner) for inner in cast("list[Any]", value)] if isinstance(value, list) else value
