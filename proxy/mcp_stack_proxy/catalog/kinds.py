"""The four lists of the protocol."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One list: its method, where its items stand in the result, what names an item. Each is the same only as itself."""

    method: str
    member: str
    key: str
    capability: str
    """Capability of servers that have it, and the kind that `list_changed` names."""


TOOLS = Kind("tools/list", "tools", "name", "tools")
PROMPTS = Kind("prompts/list", "prompts", "name", "prompts")
RESOURCES = Kind("resources/list", "resources", "uri", "resources")
TEMPLATES = Kind("resources/templates/list", "resourceTemplates", "uriTemplate", "resources")
KINDS = {kind.method: kind for kind in (TOOLS, PROMPTS, RESOURCES, TEMPLATES)}
