"""A change of the stack file for each component, which is to reach that component's objects and no other's."""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mcp_stack.preview.resources import Resource

Data = dict[str, Any]

MARK = "changed"


def whole_stack(data: Data, name: str, stack: str) -> None:
    """A label on everything."""
    data.setdefault("labels", {})["e2e"] = MARK


def server(data: Data, name: str, stack: str) -> None:
    """A label, and a variable of the process."""
    section = data["servers"][name.removeprefix(f"{stack}-")]
    section.setdefault("labels", {})["e2e-server"] = MARK
    section.setdefault("env", {})["E2E"] = MARK


def gateway(data: Data, name: str, stack: str) -> None:
    """A label, and a line of its configuration, so that its immutable ConfigMap gets a successor."""
    section = data["gateway"]
    section.setdefault("labels", {})["e2e-gateway"] = MARK
    section["instructions"] = "Changed while it runs."


CHANGES: Mapping[str, Callable[[Data, str, str], None]] = {
    "mcp-stack:index:McpServer": server,
    "mcp-stack:index:McpGateway": gateway,
    "mcp-stack:index:McpStack": whole_stack,
}
"""By type of component. One that is not here is part of one that is, and changes with it."""


def changed(data: Data, component: str, name: str, stack: str) -> Data:
    """`data` with a change of the component `name`."""
    made = copy.deepcopy(data)
    CHANGES[component](made, name, stack)
    return made


def changed_everywhere(data: Data, components: Iterable[Resource], stack: str) -> Data:
    """`data` with a change of each of `components` that has one."""
    for one in components:
        if one.type in CHANGES:
            data = changed(data, one.type, one.name, stack)
    return data
