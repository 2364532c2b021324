"""TCP ports of this machine: which are free, and who has the others."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import SystemRandom

from ..spec import GATEWAY, StackSpec

_QUIET = range(20_000, 30_000)
"""Where free ports are looked for: below those that systems give to whoever asks for any (Linux: from 32768, macOS: from 49152),
one of which would be somebody else's when our process has started, and below the node ports of Kubernetes."""

_LISTEN = "0A"
"""State of a listening socket in /proc/net/tcp."""


def choose_ports(spec: StackSpec, names: Iterable[str], host: str, gateway_port: int) -> dict[str, int]:
    """A port for each of `names` and the gateway: the one that the stack file fixes, else a free one."""
    fixed = {name: server.local.port for name, server in spec.servers.items() if server.local and server.local.port}
    others = [name for name in names if name not in fixed]
    taken = {gateway_port, *fixed.values()}
    free = (port for port in free_ports(host, len(others) + len(taken)) if port not in taken)
    return {**fixed, **dict(zip(others, free, strict=False)), GATEWAY: gateway_port}


def free_ports(host: str, count: int) -> list[int]:
    """Different ports that nobody has at the moment, and that the system will not give to others before they are used."""
    candidates = SystemRandom().sample(_QUIET, len(_QUIET))
    return list(islice((port for port in candidates if is_free(host, port)), count))


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def listener(port: int, proc: Path = Path("/proc")) -> str:
    """The process that listens on `port`, as far as the system tells us: `nginx (pid 4711)`."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port, proc)}
    for directory in proc.glob("[0-9]*") if inodes else ():
        with suppress(OSError):  # somebody else's process, or one that has just ended
            if any(_points_to(link) in inodes for link in (directory / "fd").iterdir()):
                return f"{(directory / 'comm').read_text().strip()} (pid {directory.name})"
    return "another process"


def _points_to(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:  # closed meanwhile
        return ""


def _listening(port: int, proc: Path) -> set[str]:
    """Inodes of the sockets that listen on `port`."""
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        try:
            lines = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:  # no Linux
            continue
        fields = (line.split() for line in lines)
        found |= {each[9] for each in fields if each[3] == _LISTEN and int(each[1].rpartition(":")[2], 16) == port}
    return found
