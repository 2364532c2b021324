"""Which stack `mcp-stack verify` asks, and as whom."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mcp_stack_proxy.config import ConfigError

from ..local.calls import read_calls
from ..local.stack_file import config_directory, read_spec
from ..preview import PreviewError, find_project
from .forwarding import NotForwarded, deployed_target
from .run import Say, verify
from .target import Target, local_target

KEY = "MCP_API_KEY"
"""Variable with the key to call with, where no file is named."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for."""

    project: Path
    stack: str | None
    url: str | None
    """Of the gateway as clients know it."""
    local: bool
    """It runs on this machine, by `mcp-stack up`."""
    context: str | None
    key_file: Path | None


def run(wanted: Wanted, environ: Mapping[str, str], say: Say) -> bool:
    """Whether the stack is as it should be; PreviewError where it cannot be asked."""
    key = key_of(wanted.key_file, environ)
    try:
        return asyncio.run(_ask(wanted, key, say))
    except (ConfigError, NotForwarded) as error:
        raise PreviewError(str(error)) from None


def key_of(file: Path | None, environ: Mapping[str, str]) -> str | None:
    """The key to call with; PreviewError for a file that cannot be read."""
    try:
        text = environ.get(KEY, "") if file is None else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PreviewError(f"--key-file {file}: {error}") from None
    return text.strip() or None


def origin_of(url: str) -> str:
    """`https://mcp.example.com` for `https://mcp.example.com/mcp`."""
    if not url.startswith(("http://", "https://")):
        raise PreviewError(f"--url {url!r} is no URL of a gateway: write https://HOST[/mcp]")
    return url.rstrip("/").removesuffix("/mcp")


async def _ask(wanted: Wanted, key: str | None, say: Say) -> bool:
    if wanted.stack is None:
        if wanted.url is None:
            raise PreviewError("name what to verify: --stack, --url, or both")
        return await verify(Target(origin_of(wanted.url), key=key), say)
    directory = find_project(wanted.project)
    spec = read_spec(directory, wanted.stack)
    calls = read_calls(config_directory(directory), spec)
    if not spec.gateway.enabled and wanted.url is None:
        raise PreviewError(
            f"{spec.source}: `gateway.enabled` is false, so there is no endpoint for all servers; name one with --url"
        )
    if spec.api_keys() is not None and key is None:
        raise PreviewError(f"{spec.source}: the gateway asks for a key; give one as ${KEY} or with --key-file")
    known = local_target(spec, calls, key)
    if wanted.url is not None:
        return await verify(replace(known, origin=origin_of(wanted.url), parts=()), say)
    if wanted.local:
        return await verify(known, say)
    async with deployed_target(spec, calls, key, wanted.context) as target:
        return await verify(target, say)
