"""Variables and the placeholders that they fill."""

import re
from collections.abc import Iterator
from typing import Any

from mcp_stack_proxy.config import KEYS_FILE, SESSION_KEYS_FILE, VARIABLES_DIR, Problem, find_placeholders, substitute
from mcp_stack_proxy.config.strict import join

from ..names import key_variable
from ..proxy_config import POD_IP
from ..server import ServerSpec
from ..stack import StackSpec

OF_THE_PROCESS = re.compile(
    r"PATH|HOME|HOSTNAME|LD_\w+|GLIBC_TUNABLES|KUBERNETES_\w+|MCP_(?:LOG|AUDIT|PROXY|CONFIG)_\w+|MCP_TIMEOUT|MCP_SERVERS_CONFIG"
)
"""What a process is found and started with, what Kubernetes tells every pod, and the proxy's own variables."""

LONGEST = 131_071
"""Bytes of one argument, or of one variable with its name and `=`, that a process can be started with (execve(2): 32 pages)."""

ALL = 1_000_000
"""Bytes of all of them in one container. The API server takes no object above 1.5 MiB (etcd), and there is more in a Deployment."""


def variable_problems(spec: StackSpec) -> Iterator[Problem]:
    """Placeholders that nothing fills, variables that fill nothing or are too long, clashes in the gateway."""
    yield from _sizes(spec)
    for name, server in spec.servers.items():
        place = join("servers", name)
        if server.kind != "image":
            yield from _placeholders(server, place)
        if server.kind == "url":
            used = {found.name for found in find_placeholders({"url": server.url, "headers": server.headers})}
            for variable in server.env:
                if variable not in used:
                    yield Problem(
                        join(place, "env", variable), f"does nothing, neither `url` nor `headers` holds `${{{variable}}}`"
                    )
        for own in (VARIABLES_DIR, KEYS_FILE, SESSION_KEYS_FILE, POD_IP):
            if server.kind != "image" and own in server.env:
                yield Problem(join(place, "env", own), "is set by the stack for its proxy; use another name")
        if server.kind != "image":
            yield from _of_the_process(server, place)
    yield from _clashes(spec)


def _of_the_process(server: ServerSpec, place: str) -> Iterator[Problem]:
    """Variables that would change how the proxy itself runs, or whose value it already has for itself.

    A text of a `command` goes to the program alone. The proxy has what is looked up at a start, and all that a `url` needs.
    """
    for variable, value in server.env.items():
        if OF_THE_PROCESS.fullmatch(variable) and not (server.kind == "command" and isinstance(value, str)):
            who = "the gateway's" if server.kind == "url" else "the proxy's"
            yield Problem(
                join(place, "env", variable), f"would be {who} own `{variable}`, and change how it runs; use another name"
            )


def _sizes(spec: StackSpec) -> Iterator[Problem]:
    """What no process can be started with, or no object holds."""
    for name, server in spec.servers.items():
        place = join("servers", name)
        variables = {join(place, "env", key): f"{key}={text}" for key, text in server.env.items() if isinstance(text, str)}
        words = {
            join(place, key, index): word for key in ("command", "args") for index, word in enumerate(getattr(server, key) or ())
        }
        sizes = {at: len(text.encode()) for at, text in {**variables, **words}.items()}
        for at, size in sizes.items():
            if size > LONGEST:
                yield Problem(at, f"{size} bytes, and a process starts with at most {LONGEST} in one; put them into `files`")
        if sum(sizes.values()) > ALL:
            yield Problem(place, f"`env`, `command` and `args` are {sum(sizes.values())} bytes, {ALL} are the most; use `files`")


def _placeholders(server: ServerSpec, place: str) -> Iterator[Problem]:
    texts: dict[str, Any] = (
        {"url": server.url, "headers": server.headers} if server.kind == "url" else {"command": server.command, "args": server.args}
    )
    for found in find_placeholders(texts, place):
        if found.name not in server.env and not found.optional:
            hint = f"declare `env: {{{found.name}: {{secret: …}}}}` or a text, or write `${{{found.name}:-default}}`"
            yield Problem(found.path, f"nothing fills `${{{found.name}}}`; {hint}")
    everything = {found.name: "" for found in find_placeholders(texts)}
    for problem in substitute(texts, everything)[1]:
        yield Problem(f"{place}.{problem.path}", problem.message)


def _clashes(spec: StackSpec) -> Iterator[Problem]:
    """All `url` servers share the gateway's environment."""
    first: dict[str, tuple[str, object]] = {}
    for name, server in spec.servers.items():
        if server.kind != "url" or not server.in_gateway:
            continue
        keys = {key_variable(one): one for one in spec.servers if spec.gateway_key(one) is not None}
        for variable, value in server.env.items():
            if variable in keys:
                where = join("servers", name, "env", variable)
                yield Problem(where, f"is where the gateway has its key for server {keys[variable]!r}; use another name")
            origin = spec.origin_of(name, value)
            if variable in first and first[variable][1] != origin:
                where = join("servers", name, "env", variable)
                yield Problem(
                    where, f"server {first[variable][0]!r} sets it otherwise, and both live in the gateway; rename one of them"
                )
            first.setdefault(variable, (name, origin))
