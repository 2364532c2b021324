"""Pooled HTTP/1.1 client for the relay path: `asyncio.Protocol` and httptools, no task and no lock per call."""

from .origin import Origin
from .pool import HttpPool
from .request import header_lines, parsed_lines
from .response import Response

__all__ = ["HttpPool", "Origin", "Response", "header_lines", "parsed_lines"]
