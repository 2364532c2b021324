"""What is asked: the bytes of a call, for wrk as a script and for a first look with the standard library."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

VERSION = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
}


LEGACY = "2025-11-25"
_ARGUMENTS: dict[str, object] = {"query": "weather in Berlin", "limit": 5, "exact": False}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, of the revision 2026-07-28 or `legacy`. `name` is the tool's, as the target calls it; None asks for the list."""

    name: str | None
    legacy: bool = False
    session: str | None = None
    """Of a legacy request. Each then has an id of its own: there is one stream of answers for all."""
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    """Headers, such as a key."""
    arguments: Mapping[str, object] = field(default_factory=lambda: _ARGUMENTS)

    @property
    def body(self) -> str:
        params: dict[str, object] = {} if self.legacy else {"_meta": _META}
        if self.name is not None:
            params |= {"name": self.name, "arguments": dict(self.arguments)}
        return json.dumps({"jsonrpc": "2.0", "id": 7, "method": self.method, "params": params}, separators=(",", ":"))

    @property
    def method(self) -> str:
        return "tools/list" if self.name is None else "tools/call"

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **self.extra}
        if self.legacy:
            session = {} if self.session is None else {"Mcp-Session-Id": self.session}
            return headers | {"MCP-Protocol-Version": LEGACY} | session
        named = {} if self.name is None else {"Mcp-Name": self.name}
        return headers | {"MCP-Protocol-Version": VERSION, "Mcp-Method": self.method} | named

    def wrk_script(self) -> str:
        """Lua for `wrk -s`."""
        headers = "".join(f"wrk.headers[{json.dumps(key)}] = {json.dumps(value)}\n" for key, value in self.headers.items())
        script = f'wrk.method = "POST"\nwrk.body = [=[{self.body}]=]\n{headers}'
        return script if self.session is None else script + _OWN_IDS

    def opened(self, url: str) -> "Ask":
        """The same in a session of its own, for a legacy one: the handshake with `url` is done when this returns."""
        if not self.legacy:
            return self
        client = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        status, headers, text = _post(url, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}, self.headers)
        if status != 200:
            raise ValueError(f"{url} answered {status} {text[:300]!r} to initialize")
        begun = replace(self, session=headers.get("mcp-session-id"))
        _post(url, {"jsonrpc": "2.0", "method": "notifications/initialized"}, begun.headers)
        return begun


_OWN_IDS = """
local before, after = wrk.body:match('^(.-"id":)7(,.*)$')
local last = 100
request = function()
  last = last + 1
  return wrk.format(nil, nil, nil, before .. last .. after)
end
"""


def ask(url: str, request: Ask, timeout: float = 10) -> dict[str, object]:
    """The result that `url` answers with. ValueError where it is none, OSError where nobody answers."""
    status, headers, text = _post(url, request.body, request.headers, timeout)
    if "event-stream" in headers.get("content-type", ""):
        text = next((line.removeprefix("data: ") for line in text.splitlines() if '"result"' in line), text)
    try:
        message = json.loads(text)
    except ValueError:
        message = {}
    if message.get("id") != 7 or "result" not in message:
        raise ValueError(f"{url} answered {status} {text[:300]!r} to {request.method} {request.name or ''}")
    return message["result"]


def _post(url: str, body: object, headers: Mapping[str, str], timeout: float = 10) -> tuple[int, dict[str, str], str]:
    """Status, headers by their names in lower case, and body."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("POST", parts.path, body if isinstance(body, str) else json.dumps(body), dict(headers))
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()
