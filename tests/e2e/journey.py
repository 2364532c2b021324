"""One stack's way through the real engine: preview, up twice, a change of all components and back, refresh, destroy.

What a step observed is judged by tests/e2e/test_stacks.py; here nothing is asserted, except that a step whose command failed ends
the journey (and what is there is destroyed).
"""

import json
import os
import runpy
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from mcp_stack.preview import Rendered, render
from mcp_stack.preview.diff import compare
from mcp_stack.preview.isolation import inside
from mcp_stack.preview.values import revealed
from tests.changes import changed_everywhere
from tests.e2e.agreement import disagreements
from tests.e2e.api import Api
from tests.e2e.engine import Bucket
from tests.e2e.operations import operations, pulumi_command, seen_by_events
from tests.e2e.project import Copy

Steps = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Ticket:
    """What a journey has to know; goes from one process to another."""

    project: Path
    stack: str
    directory: Path
    """Where the copy of the project comes to be."""

    api_port: int
    bucket: Bucket
    """Of its state."""

    environment: Mapping[str, str]
    secrets_provider: str


def travel(ticket: Ticket) -> Steps:
    """The whole journey of one stack: what each step saw, or its error, and how many seconds it took."""
    os.environ.update(ticket.environment)
    journey = Journey(ticket)
    with suppress(Exception):  # it stands in its step
        journey.run()
    return journey.steps


class Journey:
    """State between the steps."""

    def __init__(self, ticket: Ticket) -> None:
        self.steps: dict[str, dict[str, Any]] = {}
        self._api = Api("127.0.0.1", ticket.api_port)
        self._name, self._bucket = ticket.stack, ticket.bucket
        self._copy = Copy(ticket.project, self._name, ticket.directory)
        self._seen: dict[str, Rendered] = {}
        options = auto.LocalWorkspaceOptions(
            work_dir=str(self._copy.directory),
            env_vars=dict(ticket.environment),
            secrets_provider=ticket.secrets_provider,
            pulumi_command=pulumi_command(),
        )
        made = auto.create_stack(self._name, project_name="mcp-stack", program=self._program, opts=options)
        self._stack = seen_by_events(made)
        self._stack.set_all_config({key: auto.ConfigValue(value, secret=True) for key, value in self._copy.secrets.items()})

    def run(self) -> None:
        """All steps, in order."""
        try:
            self._step("preview", self._preview)
            self._step("up", self._up)
            self._step("up again", lambda: self._operations(self._stack.up, expect_no_changes=True))
            original = self._copy.data
            self._step("change", lambda: self._change(changed_everywhere(original, self._rendered().resources, self._name)))
            self._step("back", lambda: self._change(original))
            self._step("refresh", self._refresh)
        finally:
            self._step("destroy", self._destroy)

    def _program(self) -> None:
        with inside(self._copy.directory):
            runpy.run_path(str(self._copy.directory / "__main__.py"), run_name="__main__")

    def _rendered(self) -> Rendered:
        """What the stack file says now; evaluated once for each content that it has."""
        text = self._copy.path.read_text("utf-8")
        if text not in self._seen:
            self._seen[text] = render(self._copy.directory, self._name)
        return self._seen[text]

    def _step(self, name: str, run: Callable[[], Any]) -> None:
        began = time.monotonic()
        step = self.steps[name] = {}
        try:
            step["seen"] = run()
        except Exception as error:
            step["error"] = f"{type(error).__name__}: {error}"
            raise
        finally:
            step["seconds"] = round(time.monotonic() - began, 2)

    def _preview(self) -> Any:
        seen = self._operations(self._stack.preview)
        objects = self._rendered().objects
        seen["there"] = [item.title for item in objects if item.kind != "Namespace" and self._live(item)]
        return seen

    def _up(self) -> Any:
        return {**self._operations(self._stack.up), **self._agreement()}

    def _change(self, data: Any) -> Any:
        """What a preview in this process says of it, and what happens."""
        before = self._rendered()
        self._copy.write(data)
        return {"said": [[item.action, item.item.urn] for item in compare(before, self._rendered()).items], **self._up()}

    def _refresh(self) -> Any:
        """After somebody else has scaled a Deployment that no autoscaler scales, or else changed a Service of ours."""
        objects = self._rendered().objects
        fixed = [item for item in objects if item.kind == "Deployment" and "replicas" in item.plain["spec"]]
        drifted = fixed[0] if fixed else next(item for item in objects if item.kind == "Service")
        patch = {"spec": {"replicas": 7}} if fixed else {"spec": {"sessionAffinity": "ClientIP"}}
        self._api.merge(self._api.path_of(drifted.plain), patch)
        return {"kind": drifted.kind, "urn": drifted.urn, **self._operations(self._stack.refresh)}

    def _destroy(self) -> Any:
        objects = self._rendered().objects
        seen = self._operations(self._stack.destroy)
        seen["there"] = [item.title for item in objects if self._live(item)]
        kept = json.loads(self._bucket.text(f".pulumi/stacks/mcp-stack/{self._name}.json"))
        seen["state"] = len((kept["checkpoint"].get("latest") or {}).get("resources") or [])
        return seen

    def _operations(self, command: Callable[..., Any], **options: Any) -> dict[str, Any]:
        return {"operations": operations(command, **options)}

    def _agreement(self) -> dict[str, Any]:
        objects = self._rendered().objects
        found = {item.title: disagreements(revealed(item.manifest), self._live(item)) for item in objects}
        return {"objects": len(objects), "disagreements": {title: faults for title, faults in found.items() if faults}}

    def _live(self, item: Any) -> dict[str, Any] | None:
        return self._api.get(self._api.path_of(item.plain))
