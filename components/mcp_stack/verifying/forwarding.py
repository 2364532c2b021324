"""Ports of pods on this machine, by `kubectl port-forward`: it goes through the kubelet, so no network policy has to let it in."""

import asyncio
import re
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from ..local.calls import Calls
from ..local.check import prefixes_of
from ..spec import GATEWAY, StackSpec
from .target import Part, Target

READY_SECONDS = 20.0
"""Until kubectl says that a port is open."""

END_SECONDS = 5.0


class NotForwarded(Exception):
    """A port that kubectl did not open; in words for whoever called."""


@asynccontextmanager
async def deployed_target(spec: StackSpec, calls: Calls, key: str | None, context: str | None) -> AsyncGenerator[Target]:
    """The stack as its cluster runs it. Servers without a proxy of ours are asked through the gateway alone."""
    async with AsyncExitStack() as stack:
        parts: list[Part] = []
        origin = ""
        for part in spec.proxies():
            wanted = [spec.gateway.management.port, *([spec.gateway.port] if part == GATEWAY else [])]
            ports = await stack.enter_async_context(_forwarded(spec, part, wanted, context))
            parts.append(Part(part, f"http://127.0.0.1:{ports[0]}", metrics=spec.gateway.metrics.enabled))
            if part == GATEWAY:
                origin = f"http://127.0.0.1:{ports[1]}"
        yield Target(origin, tuple(parts), prefixes_of(spec), calls, key)


@asynccontextmanager
async def _forwarded(spec: StackSpec, part: str, ports: Sequence[int], context: str | None) -> AsyncGenerator[list[int]]:
    kind = "statefulset" if part in spec.servers and spec.servers[part].storage is not None else "deployment"
    words = ["kubectl", *([f"--context={context}"] if context else []), "port-forward", "--namespace", spec.namespace]
    words += ["--address", "127.0.0.1", f"{kind}/{spec.object_name(part)}", *(f":{port}" for port in ports)]
    try:
        process = await asyncio.create_subprocess_exec(*words, stdout=PIPE, stderr=STDOUT)
    except OSError as error:
        raise NotForwarded(f"kubectl, which opens the ports of pods, cannot be run: {error.strerror}") from None
    try:
        yield await _opened(process.stdout, ports, " ".join(words))
    finally:
        await _end(process)


async def _opened(said: asyncio.StreamReader | None, ports: Sequence[int], command: str) -> list[int]:
    """Ports of this machine that lead to `ports`, as kubectl says them."""
    found: dict[int, int] = {}
    lines: list[str] = []
    try:
        async with asyncio.timeout(READY_SECONDS):
            while said is not None and len(found) < len(ports) and (line := await said.readline()):
                lines.append(line.decode(errors="replace").strip())
                if opened := re.match(r"Forwarding from 127\.0\.0\.1:(\d+) -> (\d+)", lines[-1]):
                    found[int(opened[2])] = int(opened[1])
    except TimeoutError:
        lines.append(f"no port within {READY_SECONDS:g} s")
    if len(found) < len(ports):
        raise NotForwarded(f"{command}: {' '.join(lines) or 'ended without a word'}")
    return [found[port] for port in ports]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
