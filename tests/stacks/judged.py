"""A drawn stack as a project on disk: evaluated like any other, and everything that is wrong with what comes of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from mcp_stack.preview import render
from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.declared import declared_by, looked_up_by
from mcp_stack.preview.documents import shown
from mcp_stack.preview.policies import policy_findings
from mcp_stack.spec import StackSpec
from mcp_stack_policy import configuration
from tests.judges.schemas import VERSIONS, schema_faults, unjudged
from tests.judges.stacks import ROOT

STACK = "test"

STATED = "unauthenticated-exposure"
"""Policy that a stack breaks knowingly which says `trust_network` of what it exposes, or exposes somebody's image, of which nobody
here knows whether it asks who calls: the policy's `exempt` is for whoever answers for that."""


def project(directory: Path) -> Path:
    """The project itself, without its stacks."""
    for file in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / file, directory)
    return directory


def faults(directory: Path, data: dict[str, Any], spec: StackSpec) -> Iterator[str]:
    """What every judge says of the stack `data`, which was loaded as `spec`."""
    secrets = {f"mcp-stack:{key}": {"secure": "djE6YWFhYQ=="} for key in spec.config_keys()}
    text = yaml.safe_dump({"config": {"mcp-stack:stack": data, **secrets}}, sort_keys=False)
    (directory / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")
    rendered = render(directory, STACK)
    for item in rendered.objects:
        manifest = shown(item)
        if not unjudged(manifest):
            yield from (f"{item.title} {fault}" for fault in schema_faults(manifest, VERSIONS[0]))
    known = declared_by(spec) | looked_up_by(rendered)
    for finding in check_objects(rendered.objects, known, spec):
        if finding.fails:
            yield str(finding)
    for finding in policy_findings(rendered, configuration({})):
        if finding.severity == "error" and not (finding.check == STATED and _stated(spec)):
            yield str(finding)


def _stated(spec: StackSpec) -> bool:
    opened = any(
        server.kind == "image" and (server.exposed or server.service.type != "ClusterIP") for server in spec.servers.values()
    )
    return opened or spec.gateway.trust_network or any(server.trust_network for server in spec.servers.values())
