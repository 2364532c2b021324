"""From a stack to the processes that it is on one machine: one for each server that runs here, one for the gateway.

The texts of the proxies' configurations come from the functions that also fill the ConfigMaps of a cluster; only addresses differ.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from mcp_stack_proxy.config import KEYS_FILE, SESSION_KEYS_FILE, ConfigError, Problem, substitute
from mcp_stack_proxy.config.overriding import AUDIT_PATHS
from mcp_stack_proxy.config.strict import join

from ..spec import GATEWAY, Address, Kind, StackSpec, config_text, front_config, gateway_config, wrapper_config
from ..spec.names import key_variable, wrapped_path
from ..spec.proxy_config import KEYS_NAME, SESSION_KEYS_NAME
from .fronts import front_name
from .keys import LocalKeys, local_front_keys, local_keys, local_session_keys
from .variables import environment_of

HOST = "127.0.0.1"

CONFIG_FILE = "proxy.yaml"

AUDIT = {variable: f".mcp-stack/audit/{directory}" for variable, directory in zip(AUDIT_PATHS, ("data", "index"), strict=True)}
"""Where a local run keeps records: below the project, which is every process' working directory."""

READY = "/readyz"
"""Page that waits for the process of a stdio server."""

ALIVE = "/livez"
"""Page of a proxy that serves, whatever its process does: where a look through the gateway follows, that says why it fails."""

PROXY = (sys.executable, "-m", "mcp_stack_proxy.cli", "serve")
"""The proxy of this installation, also where its directory of commands is not in PATH."""


@dataclass(frozen=True, slots=True)
class Process:
    """One program to run. Its working directory is the project's."""

    name: str
    """Server, or `gateway`."""
    kind: Kind | None
    """None for the gateway."""
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    """All its variables; may hold secrets."""
    port: int
    path: str
    """Path of its MCP endpoint."""
    ready: str | None
    """Path that answers 200 when it is ready; None where nothing but listening shows it."""
    files: Mapping[Path, str]
    """Files to write before it starts."""
    key: str | None = field(default=None, repr=False)
    """Key to call it with, where it asks for one."""

    @property
    def url(self) -> str:
        """Its MCP endpoint."""
        return f"http://{HOST}:{self.port}{self.path}"


def runs_here(spec: StackSpec) -> list[str]:
    """Servers that are processes."""
    return [name for name, server in spec.servers.items() if server.kind != "url"]


def listeners(spec: StackSpec) -> list[str]:
    """Processes that need a port: servers, and the proxies in front of them."""
    return [*runs_here(spec), *(front_name(name) for name, server in spec.servers.items() if server.front is not None)]


def local_address(ports: Mapping[str, int]) -> Address:
    """Addresses on this machine: of the proxy where one is in front."""
    return lambda name: f"http://{HOST}:{ports.get(front_name(name), ports.get(name))}"


def plan(spec: StackSpec, ports: Mapping[str, int], environ: Mapping[str, str], directory: Path) -> list[Process]:
    """The processes of `spec`, servers first. `ports` has one for each, `directory` takes the configurations.

    ConfigError for a command whose placeholders nothing fills. `environ` holds every secret (`variable_problems`).
    """
    problems: list[Problem] = []
    found: list[Process] = []
    fronts: dict[str, Process] = {}
    for name in runs_here(spec):
        server = spec.servers[name]
        if server.kind == "command":
            text = config_text(wrapper_config(spec, name))
            found.append(
                _sealing(spec, _proxy(spec, name, text, f"/servers/{name}/mcp", ports[name], environ, directory), directory)
            )
        elif server.local is not None:
            env = {**environment_of(spec, name, environ), "PORT": str(ports[name])}
            words, unfilled = substitute(server.local.command, {**environ, **env})
            problems += [Problem(join("servers", name, "local", "command") + one.path, one.message) for one in unfilled]
            argv = tuple(cast("list[str]", words))
            found.append(Process(name, server.kind, argv, env, ports[name], server.path, None, {}))
            if server.front is not None:
                fronts[name] = _front(spec, name, ports, environ, directory)
                found.append(fronts[name])
    if problems:
        raise ConfigError(spec.source, problems)
    text = config_text(gateway_config(spec, local_address(ports)))
    gateway = _sealing(spec, _proxy(spec, GATEWAY, text, "/mcp", ports[GATEWAY], environ, directory), directory)
    shown = {key_variable(name): one.key for name, one in fronts.items() if one.key is not None}
    gateway = replace(gateway, env={**gateway.env, **shown})
    if spec.gateway.audit.files is not None:
        gateway = replace(gateway, env={**gateway.env, **AUDIT})
    keys = local_keys(spec, environ)
    return [*found, gateway if keys is None else _guarded(gateway, keys, directory / "keys" / KEYS_NAME)]


def _front(spec: StackSpec, name: str, ports: Mapping[str, int], environ: Mapping[str, str], directory: Path) -> Process:
    """The proxy in front of server `name`, which a pod holds both of."""
    part = front_name(name)
    text = config_text(front_config(spec, name, ports[name]))
    proxy = _sealing(spec, _proxy(spec, part, text, wrapped_path(name), ports[part], environ, directory), directory)
    keys = local_front_keys(spec, name)
    return proxy if keys is None else _guarded(proxy, keys, directory / "keys" / name / KEYS_NAME)


def _sealing(spec: StackSpec, proxy: Process, directory: Path) -> Process:
    """`proxy` with a file of session keys, where a cluster has one."""
    keys, file = local_session_keys(spec), directory / "session-keys" / proxy.name / SESSION_KEYS_NAME
    if keys is None:
        return proxy
    return replace(proxy, env={**proxy.env, SESSION_KEYS_FILE: str(file)}, files={**proxy.files, file: keys})


def _guarded(proxy: Process, keys: LocalKeys, file: Path) -> Process:
    """`proxy` with its file of keys, for which a cluster has a place of its own."""
    return replace(proxy, env={**proxy.env, KEYS_FILE: str(file)}, files={**proxy.files, file: keys.text}, key=keys.key)


def _proxy(spec: StackSpec, part: str, text: str, path: str, port: int, environ: Mapping[str, str], directory: Path) -> Process:
    file = directory / part / CONFIG_FILE
    argv = (*PROXY, "--config", str(file), "--listen", f"{HOST}:{port}")
    kind = spec.servers[part].kind if part in spec.servers else None
    looked_at = part in spec.servers and spec.servers[part].in_gateway
    ready = ALIVE if looked_at else READY
    return Process(part, kind, argv, environment_of(spec, part, environ), port, path, ready, {file: text})
