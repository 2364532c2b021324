"""Variables of local processes. Secrets come from the environment of whoever runs the stack, under the name that the server reads.

Nothing is decrypted here: a developer's own credentials are the ones to use on a developer's machine.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..spec import SecretRef, StackSpec
from ..spec.names import key_variable
from ..spec.variables import ConfigMapRef, FieldRef
from .fronts import is_front

INHERITED = ("PATH", "HOME", "LANG", "TZ")
"""What every process gets: what a stdio server gets from the proxy. Anything else would hide what the stack file lacks."""

TRUST = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""What the gateway gets, too: where this machine keeps the certificates that it trusts."""


def environment_of(spec: StackSpec, part: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Variables of the process of `part`. A wrapped server's texts stand in its configuration, so only its secrets are here."""
    if is_front(part):
        return {name: environ[name] for name in INHERITED if name in environ}
    server = spec.servers.get(part)
    inherited = {name: environ[name] for name in (*INHERITED, *(TRUST if server is None else ())) if name in environ}
    declared = _of_gateway(spec) if server is None else {name: (part, value) for name, value in server.env.items()}
    secrets = {name: environ[name] for name, (_, value) in declared.items() if isinstance(value, SecretRef)}
    wrapped = server is not None and server.kind == "command"
    texts = {} if wrapped else {name: value for name, (_, value) in declared.items() if isinstance(value, str)}
    return inherited | texts | secrets


def _of_gateway(spec: StackSpec) -> dict[str, tuple[str, object]]:
    """Variables of the gateway but its keys for the proxies in front of servers, which are the run's own."""
    keys = {key_variable(name) for name in spec.servers if spec.gateway_key(name) is not None}
    return {name: pair for name, pair in spec.gateway_env().items() if name not in keys}


def variable_problems(spec: StackSpec, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Secrets that the environment does not hold, or cannot hold because one variable would be two of them."""
    first: dict[str, tuple[str, str]] = {}
    for server, variable, secret in _secret_variables(spec):
        place = join("servers", server, "env", variable)
        owner, other = first.setdefault(variable, (server, secret))
        if spec.secret(server, secret) != spec.secret(owner, other):
            hint = f"the environment has one {variable}; let one of the servers read another variable"
            yield Problem(place, f"secret {secret!r} here, and {other!r} for server {owner!r}: {hint}")
        elif variable not in environ:
            yield Problem(
                place, f"secret {secret!r} is read from ${variable} on this machine, which is not set; export {variable}=…"
            )


def container_problems(spec: StackSpec) -> Iterator[Problem]:
    """What only a container has."""
    for name, server in spec.servers.items():
        place = join("servers", name)
        if server.kind == "image" and server.local is None:
            yield Problem(
                join(place, "local"),
                "required to run on this machine, where an image is no process: `local: {command: [program, …]}`; "
                "or leave the server out with `enabled: false`",
            )
        for variable, value in server.env.items():
            if isinstance(value, ConfigMapRef | FieldRef):
                yield Problem(join(place, "env", variable), "exists only in a cluster; give a text in the stack that runs here")
        for index, source in enumerate(server.env_from):
            found = source.secret or source.existing_secret or source.existing_config_map
            yield Problem(join(place, "env_from", index), f"{found!r} exists only in a cluster; give its variables in `env`")
    for place, _, workload in spec.workloads():
        if workload.init_containers:
            yield Problem(join(place, "init_containers"), "run only in a cluster; leave them out in the stack that runs here")
    if not spec.gateway.enabled:
        yield Problem("gateway.enabled", "false, and a local run is reached through its gateway; remove it")


def _secret_variables(spec: StackSpec) -> Iterator[tuple[str, str, str]]:
    """(server, variable, secret) of every variable that a process here reads."""
    for variable, (server, value) in _of_gateway(spec).items():
        if isinstance(value, SecretRef):
            yield server, variable, value.secret
    for name, server in spec.servers.items():
        for variable, value in cast("Mapping[str, object]", server.env).items():
            if server.kind != "url" and isinstance(value, SecretRef):
                yield name, variable, value.secret
