"""Where clients outside of the cluster find what is exposed."""

from .names import GATEWAY, wrapped_path
from .stack import StackSpec


def public_urls(spec: StackSpec, part: str) -> list[str]:
    """MCP endpoints of `part` from outside, by every way and host that leads there.

    Behind a Gateway of somebody else TLS is taken for granted; an Ingress has it where the stack file says so.
    """
    found: list[str] = []
    for way in spec.ways_to(part):
        exposure, path = way.exposure, _outer(way.exposure.path, way.exposure.rewrite, _path(spec, part))
        scheme = "http" if exposure.via == "ingress" and exposure.tls is None else "https"
        found += [f"{scheme}://{host}{path}" for host in exposure.hosts if path is not None]
    return found


def _path(spec: StackSpec, part: str) -> str:
    if part == GATEWAY:
        return "/mcp"
    server = spec.servers[part]
    return wrapped_path(part) if server.runs_proxy else server.path


def _outer(prefix: str, rewrite: str | None, path: str) -> str | None:
    """What a client asks for, so that `path` is asked of the pods; None where the way leads elsewhere."""
    inner = (prefix if rewrite is None else rewrite).rstrip("/")
    if path != inner and not path.startswith(f"{inner}/"):
        return None
    return prefix.rstrip("/") + path.removeprefix(inner)
