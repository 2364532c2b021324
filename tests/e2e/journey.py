"""One stack's way through the real engine, as a process: preview, up twice, a change of all components, refresh, destroy.

    python -m tests.e2e.journey REQUEST.json

A line of JSON on stdout for each step. What a step observed is judged by tests/e2e/test_stacks.py; here nothing is asserted,
except that a step whose command failed ends the journey (and what is there is destroyed).
"""

import json
import os
import runpy
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
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
from tests.e2e.operations import operations
from tests.e2e.project import Copy

SUMMARY = auto.UpdateSummary("update", datetime.now(UTC), "", {}, {}, "")
"""In the place of what the CLI would be asked for."""


class Journey:
    """State between the steps."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._api = Api("127.0.0.1", request["api_port"])
        self._name: str = request["stack"]
        self._copy = Copy(Path(request["project"]), self._name, Path(request["work"]))
        self._seen: dict[str, Rendered] = {}
        os.environ.update(request["environment"])
        self._stack = auto.create_stack(
            self._name,
            project_name="mcp-stack",
            program=self._program,
            opts=auto.LocalWorkspaceOptions(work_dir=str(self._copy.directory), env_vars=request["environment"]),
        )
        # Of an update only its events are looked at; asking for its outputs and its summary would start the CLI three times more.
        self._stack.outputs = dict
        self._stack.info = lambda *_: SUMMARY
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
            self._step("refresh", lambda: self._operations(self._stack.refresh))
            self._step("drift", self._drift)
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
        line: dict[str, Any] = {"step": name}
        try:
            line["seen"] = run()
        except Exception as error:
            line["error"] = f"{type(error).__name__}: {error}"
            raise
        finally:
            line["seconds"] = round(time.monotonic() - began, 2)
            print(json.dumps(line), file=sys.__stdout__, flush=True)

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

    def _drift(self) -> Any:
        """Somebody else scales a Deployment that no autoscaler does, or else labels an object of ours."""
        objects = self._rendered().objects
        fixed = [item for item in objects if item.kind == "Deployment" and "replicas" in item.plain["spec"]]
        drifted = fixed[0] if fixed else next(item for item in objects if item.kind == "Service")
        patch = {"spec": {"replicas": 7}} if fixed else {"spec": {"sessionAffinity": "ClientIP"}}
        self._api.merge(self._api.path_of(drifted.plain), patch)
        return {"kind": drifted.kind, "urn": drifted.urn, **self._operations(self._stack.preview_refresh)}

    def _destroy(self) -> Any:
        objects = self._rendered().objects
        seen = self._operations(self._stack.destroy)
        seen["there"] = [item.title for item in objects if self._live(item)]
        seen["state"] = len(self._stack.export_stack().deployment.get("resources", []))
        return seen

    def _operations(self, command: Callable[..., Any], **options: Any) -> dict[str, Any]:
        return {"operations": operations(command, **options)}

    def _agreement(self) -> dict[str, Any]:
        objects = self._rendered().objects
        found = {item.title: disagreements(revealed(item.manifest), self._live(item)) for item in objects}
        return {"objects": len(objects), "disagreements": {title: faults for title, faults in found.items() if faults}}

    def _live(self, item: Any) -> dict[str, Any] | None:
        return self._api.get(self._api.path_of(item.plain))


if __name__ == "__main__":
    Journey(json.loads(Path(sys.argv[1]).read_text("utf-8"))).run()
