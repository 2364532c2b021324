"""URLs of servers that a program knows only after deployment: outputs of other stacks and of other resources.

The gateway's configuration is a ConfigMap whose name holds a digest of its text, so that a preview shows what changes; the text
must be known then. What is not known goes into a variable of the gateway's pods, and the text refers to it.
"""

from collections.abc import Mapping
from typing import Any, cast

import pulumi


def with_late_urls(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` of a stack with a placeholder for each `url` that is an output, which becomes a variable of the server."""
    servers: Any = data.get("servers")
    if not isinstance(servers, Mapping):
        return dict(data)
    given = cast("Mapping[str, Any]", servers)
    return {**data, "servers": {name: _placeholder(name, server) for name, server in given.items()}}


def _placeholder(name: str, server: Any) -> Any:
    if not isinstance(server, Mapping):
        return server
    given = cast("Mapping[str, Any]", server)
    env: Any = given.get("env", {})
    if not isinstance(given.get("url"), pulumi.Output) or not isinstance(env, Mapping):
        return given
    variable = f"URL_OF_{name.upper().replace('-', '_')}"
    while variable in env:
        variable += "_"
    return {**given, "url": f"${{{variable}}}", "env": {**cast("Mapping[str, Any]", env), variable: given["url"]}}
