"""Health and metrics of one proxy."""

import time
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx2

from ..local.check import Finding
from ..local.client import bearer
from ..local.inspection import reason_of
from .target import HEALTH, METRICS, Part

SECONDS = 10.0
"""For one page."""

FAMILY = "mcp_proxy_"
"""How the names of the proxy's own metrics begin."""


async def pages(part: Part, key: str | None) -> AsyncIterator[Finding]:
    """Whether it wants requests, how many of its servers it reaches, and whether a Prometheus could read what it counts."""
    headers = {} if key is None else bearer(key)
    async with httpx2.AsyncClient(base_url=part.origin, timeout=SECONDS, headers=headers, trust_env=False) as http:
        yield await _page(http, part, "/readyz", HEALTH)
        yield await _page(http, part, "/health", HEALTH)
        if part.metrics:
            yield await _page(http, part, "/metrics", METRICS)


async def _page(http: httpx2.AsyncClient, part: Part, path: str, what: str) -> Finding:
    start = time.perf_counter()
    try:
        answer = await http.get(path)
    except httpx2.HTTPError as error:
        return Finding(part.name, path, "", what, time.perf_counter() - start, "", reason_of(error))
    seconds = time.perf_counter() - start
    if answer.status_code != 200:
        return Finding(part.name, path, "", what, seconds, "", f"status {answer.status_code}")
    seen, wrong = _counted(answer.text) if what == METRICS else _told(answer)
    return Finding(part.name, path, "", what, seconds, seen, wrong)


def _counted(text: str) -> tuple[str, str]:
    """Series of the proxy's own, of which it always has some."""
    count = sum(line.startswith(FAMILY) for line in text.splitlines())
    return f"{count} series", "" if count else f"no series {FAMILY}*; is this the management port of the proxy?"


def _told(answer: httpx2.Response) -> tuple[str, str]:
    """The status, and servers that are reached, where the page tells them."""
    try:
        body: Any = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return "", "no object of JSON; is this a proxy of the stack?"
    told = cast("dict[str, Any]", body)
    seen = str(told.get("status"))
    if "backends_configured" in told:
        seen += f", {told.get('backends_connected')} of {told['backends_configured']} servers reached so far"
    return seen, "" if told.get("status") == "ok" else "it is not ok"
