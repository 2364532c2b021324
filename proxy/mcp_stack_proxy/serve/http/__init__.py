"""The HTTP/1.1 server: what a client sends becomes a Request, whole and within bounds, and what is answered becomes bytes.

An own one, over httptools' parser, because a general server's share of each call was the largest of all (`docs/dependencies.md`).
Nothing in it knows MCP.
"""

from .request import JSON, TEXT, Client, Header, Refusal, Request, Responder, Served

__all__ = ["JSON", "TEXT", "Client", "Header", "Refusal", "Request", "Responder", "Served"]
