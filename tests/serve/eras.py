"""Guards that leave a dual-era server of the SDK one era, each after the revision that it leaves."""

import json

from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

VERSION = b"mcp-protocol-version"


async def refuse(send, status, body=b"", headers=()):
    fields = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json"), *headers]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


def modern_only(app):
    """400 with -32022 for whoever comes with a handshake (2026-07-28, basic/versioning)."""
    error = {"code": -32022, "message": "Unsupported protocol version", "data": {"supported": ["2026-07-28"], "requested": "?"}}
    body = json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode()

    async def guard(scope, receive, send):
        if scope["type"] == "http":
            version = dict(scope["headers"]).get(VERSION, b"").decode()
            if scope["method"] != "POST":
                return await refuse(send, 405, headers=[(b"allow", b"POST")])
            if version in ("", *HANDSHAKE_PROTOCOL_VERSIONS):
                return await refuse(send, 400, body)
        return await app(scope, receive, send)

    return guard


def legacy_only(app):
    """400 for a version header that the SDK 1.x has never heard of (2025-11-25, basic/transports)."""
    error = {"code": -32600, "message": "Bad Request: Unsupported protocol version"}
    body = json.dumps({"jsonrpc": "2.0", "id": "server-error", "error": error}).encode()

    async def guard(scope, receive, send):
        if scope["type"] == "http":
            version = dict(scope["headers"]).get(VERSION, b"").decode()
            if version not in ("", *HANDSHAKE_PROTOCOL_VERSIONS):
                return await refuse(send, 400, body)
        return await app(scope, receive, send)

    return guard
