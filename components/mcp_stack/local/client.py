"""The official SDK's client, with the run's own key where the gateway asks for one."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp import Client


def bearer(key: str) -> dict[str, str]:
    """Headers that show `key`."""
    return {"Authorization": f"Bearer {key}"}


def client_of(url: str, key: str | None, **options: Any) -> "Client":
    """A client of `url`, to be entered. `options`: the SDK's."""
    from mcp import Client

    return Client(url if key is None else _transport(url, key), **options)


@asynccontextmanager
async def _transport(url: str, key: str) -> AsyncGenerator[Any, None]:
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client

    async with create_mcp_http_client(headers=bearer(key)) as http, streamable_http_client(url, http_client=http) as streams:
        yield streams
