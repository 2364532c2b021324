"""What is missing on this machine, all at once and before anything starts."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..spec import StackSpec
from .keys import key_problems
from .plan import HOST, runs_here
from .ports import is_free, listener
from .variables import container_problems, variable_problems


def preflight(spec: StackSpec, directory: Path, environ: Mapping[str, str], gateway_port: int) -> list[Problem]:
    """Every reason why `spec` cannot run here. `directory` is the project's."""
    return [
        *container_problems(spec),
        *variable_problems(spec, environ),
        *key_problems(spec, environ),
        *_programs(spec, directory, environ.get("PATH")),
        *_files(spec),
        *_ports(spec, gateway_port),
    ]


def _programs(spec: StackSpec, directory: Path, path: str | None) -> Iterator[Problem]:
    for name in runs_here(spec):
        server = spec.servers[name]
        command, keys = (server.command, ["command"]) if server.kind == "command" else (None, ["local", "command"])
        if server.local is not None:
            command = server.local.command
        if command is None or "${" in command[0] or _found(command[0], directory, path):
            continue
        where = f"in {directory}" if os.sep in command[0] else "in $PATH"
        hint = "`make install` makes it" if command[0].startswith(".venv") else "install it, or correct the command"
        yield Problem(join("servers", name, *keys, 0), f"program {command[0]!r} is not found {where}; {hint}")


def _found(program: str, directory: Path, path: str | None) -> bool:
    if os.sep in program:
        return shutil.which(directory / program) is not None
    return shutil.which(program, path=path) is not None


def _files(spec: StackSpec) -> Iterator[Problem]:
    """A container gets its files and volumes put at fixed paths; this machine is not ours to write to."""
    for name in runs_here(spec):
        for file in spec.servers[name].files:
            if not Path(file).exists():
                place = join("servers", name, "files", file)
                yield Problem(place, "is put into containers only; create the file on this machine for a local run")
    for place, _, workload in spec.workloads():
        for name, path in workload.main_mounts():
            if not Path(path).exists():
                key = ("volumes",) if name in workload.volumes else ("storage", "claims")
                hint = f"create {path!r} on this machine for a local run"
                yield Problem(join(place, *key, name), f"is put into containers only; {hint}")


def _ports(spec: StackSpec, gateway_port: int) -> Iterator[Problem]:
    if not is_free(HOST, gateway_port):
        hint = "stop it, or choose another port with `--port`"
        yield Problem("gateway.port", f"{gateway_port} is in use by {listener(gateway_port)}; {hint}")
    for name in runs_here(spec):
        local = spec.servers[name].local
        if local is not None and local.port is not None and not is_free(HOST, local.port):
            hint = "stop it, or choose another port"
            yield Problem(join("servers", name, "local", "port"), f"{local.port} is in use by {listener(local.port)}; {hint}")
