"""What an engine did, by its own events."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypedDict

from pulumi import automation as auto

STACK = "pulumi:pulumi:Stack"

SUMMARY = auto.UpdateSummary("update", datetime.now(UTC), "", {}, {}, "")
"""In the place of what the CLI would be asked for."""


class Operation(TypedDict):
    """What happened to one resource: `create`, `update`, `replace`, `delete` and so on."""

    op: str
    type: str
    urn: str


@cache
def pulumi_command() -> auto.PulumiCommand:
    """The CLI, which is asked for its version once."""
    return auto.PulumiCommand()


def seen_by_events(stack: auto.Stack) -> auto.Stack:
    """`stack`, of whose updates only the events are looked at: its outputs and its summary would start the CLI three times."""
    stack.outputs = dict
    stack.info = lambda *_: SUMMARY
    return stack


def operations(command: Callable[..., Any], **options: Any) -> list[Operation]:
    """What `command` of an Automation API stack does to every resource that is not the same as before.

    That a refresh found a change is known only when it has read the object: then its event's `op` is no longer `refresh`.
    """
    found: dict[tuple[str, str], Operation] = {}

    def note(event: Any) -> None:
        done = event.res_outputs_event or event.resource_pre_event
        if done is not None:
            about = done.metadata
            op = str(about.op.value)
            if event.res_outputs_event is not None:
                found.pop((about.urn, "refresh"), None)
            found[about.urn, op] = Operation(op=op, type=about.type, urn=about.urn)

    command(on_event=note, on_output=lambda _: None, **options)
    return [one for one in found.values() if one["op"] not in ("same", "refresh") and one["type"] != STACK]
