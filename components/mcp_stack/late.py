"""What a program knows only after deployment: outputs of other stacks and of other resources.

Texts of variables may be that, and values of secrets. So may URLs of servers, although the gateway's configuration is a ConfigMap
whose name holds a digest of its text, so that a preview shows what changes: what is not known goes into a variable of the gateway's
pods, and the text refers to it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pulumi

from mcp_stack_proxy.config import ConfigError, Problem
from mcp_stack_proxy.config.strict import join

LATE = "known only after deployment, and has to be known before: a preview shows what follows from it; give the value itself"
"""Said of an output where none can be."""


def with_late_urls(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` of a stack with a placeholder for each `url` that is an output, which becomes a variable of the server."""
    servers: Any = data.get("servers")
    if not isinstance(servers, Mapping):
        return dict(data)
    given = cast("Mapping[str, Any]", servers)
    return {**data, "servers": {name: _server(name, server) for name, server in given.items()}}


def _server(name: str, server: Any) -> Any:
    return with_late_url(name, cast("Mapping[str, Any]", server)) if isinstance(server, Mapping) else server


def with_late_url(name: str, server: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of the server `name` with a placeholder for its `url` where that is an output."""
    env: Any = server.get("env", {})
    if not isinstance(server.get("url"), pulumi.Output) or not isinstance(env, Mapping):
        return dict(server)
    variable = f"URL_OF_{name.upper().replace('-', '_')}"
    while variable in env:
        variable += "_"
    return {**server, "url": f"${{{variable}}}", "env": {**cast("Mapping[str, Any]", env), variable: server["url"]}}


def explained(error: ConfigError, data: Any) -> ConfigError:
    """`error`, with the one reason why an output in `data` is refused instead of what a checker of texts makes of it."""
    late = set(_outputs(data, ""))
    problems = (Problem(one.path, LATE) if one.path in late else one for one in error.problems)
    return ConfigError(error.source, dict.fromkeys(problems))


def _outputs(value: Any, place: str) -> Iterator[str]:
    """Places of outputs in `value`."""
    if isinstance(value, pulumi.Output):
        yield place
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from _outputs(inner, join(place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Any]", value)):
            yield from _outputs(inner, join(place, index))
