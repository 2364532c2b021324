"""Programs that a test writes down, through the real engine: the Automation API's inline programs, with their state in S3."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from tests.e2e.operations import Operation, operations, pulumi_command, seen_by_events

Run = Callable[[], object]


class Program:
    """One stack. What it is to be is given anew to every command."""

    def __init__(self, stack: str, directory: Path, environment: Mapping[str, str]) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._run: Run = dict
        options = auto.LocalWorkspaceOptions(work_dir=str(directory), env_vars=dict(environment), pulumi_command=pulumi_command())
        made = auto.create_or_select_stack(stack, project_name="mcp-stack", program=self._program, opts=options)
        self._outputs = made.outputs
        self._stack = seen_by_events(made)

    def _program(self) -> None:
        self._run()

    def preview(self, run: Run) -> list[Operation]:
        """What would be done."""
        self._run = run
        return operations(self._stack.preview)

    def up(self, run: Run) -> list[Operation]:
        """What was done."""
        self._run = run
        return operations(self._stack.up)

    def refused(self, run: Run | None) -> str:
        """What the engine says when it refuses to bring `run` up, or to destroy what is there where that is None."""
        try:
            if run is None:
                self._stack.destroy(on_output=lambda _: None)
            else:
                self.up(run)
        except auto.CommandError as error:
            return str(error)
        raise AssertionError("it was not refused")

    def destroy(self) -> list[Operation]:
        """What was taken away."""
        return operations(self._stack.destroy)

    def outputs(self) -> dict[str, Any]:
        """What the program exports."""
        return {name: one.value for name, one in self._outputs().items()}

    def state(self) -> list[Mapping[str, Any]]:
        """Resources as the engine keeps them."""
        return self._stack.export_stack().deployment.get("resources", [])
