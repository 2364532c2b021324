"""What the proxy writes of itself to its standard error."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from .strict import Strict

LEVEL, FORMAT = "MCP_LOG_LEVEL", "MCP_LOG_FORMAT"
"""Variables that stand over the configuration (seed 001)."""

TRACE = 5
"""Below the least level that Python names."""

LEVELS: Mapping[str, int] = {"trace": TRACE, "debug": 10, "info": 20, "warn": 30, "error": 40}
"""Level -> its number in `logging`."""

ROOT = "mcp_stack_proxy"
"""Every part of the proxy logs below this name."""

_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def levels_of(text: str) -> dict[str, int]:
    """Logger -> level; the empty logger stands for all others. ValueError for what is no filter.

    `warn,upstream=debug`: one level, and pairs of a part and its level; a part is a module of the proxy (`upstream`, `serve.http`),
    or a logger by its whole name (`asyncio`).
    """
    found: dict[str, int] = {}
    for one in text.split(","):
        target, equals, level = (part.strip() for part in one.rpartition("="))
        if level.lower() not in LEVELS:
            raise ValueError(f"{one.strip()!r}: a level is one of {', '.join(LEVELS)}, such as `info` or `warn,upstream=debug`")
        if equals and _TARGET.fullmatch(target) is None:
            raise ValueError(f"{one.strip()!r}: {target!r} is no part of the proxy, such as `upstream` or `serve.http`")
        if target in found:
            raise ValueError(f"{text!r}: says twice what {f'{target!r} logs' if target else 'all others log'}")
        found[target] = LEVELS[level.lower()]
    return found


def _filter(text: str) -> str:
    levels_of(text)
    return text


LogFilter = Annotated[str, AfterValidator(_filter)]


class Log(Strict):
    """Diagnostics on standard error. Records of calls are `audit`'s."""

    level: LogFilter = "info"
    """`trace`, `debug`, `info`, `warn` or `error`, for all or part by part: `warn,upstream=debug`. MCP_LOG_LEVEL stands over it."""
    format: Literal["text", "json"] = "text"
    """Lines for people, or one object of JSON each: `timestamp`, `level`, `target`, `message`, `fields`. MCP_LOG_FORMAT stands over
    it."""
