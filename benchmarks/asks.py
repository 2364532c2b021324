"""What is asked: the bytes of a call, for wrk as a script and for a first look with the standard library."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

VERSION = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of the revision 2026-07-28. `name` is the tool's, as the target calls it; None asks for the list."""

    name: str | None

    @property
    def body(self) -> str:
        params: dict[str, object] = {"_meta": _META}
        if self.name is not None:
            params |= {"name": self.name, "arguments": {"query": "weather in Berlin", "limit": 5, "exact": False}}
        return json.dumps({"jsonrpc": "2.0", "id": 7, "method": self.method, "params": params}, separators=(",", ":"))

    @property
    def method(self) -> str:
        return "tools/list" if self.name is None else "tools/call"

    @property
    def headers(self) -> dict[str, str]:
        named = {} if self.name is None else {"Mcp-Name": self.name}
        accept = "application/json, text/event-stream"
        return {
            "Content-Type": "application/json",
            "Accept": accept,
            "MCP-Protocol-Version": VERSION,
            "Mcp-Method": self.method,
        } | named

    def wrk_script(self) -> str:
        """Lua for `wrk -s`."""
        headers = "".join(f"wrk.headers[{json.dumps(key)}] = {json.dumps(value)}\n" for key, value in self.headers.items())
        return f'wrk.method = "POST"\nwrk.body = [=[{self.body}]=]\n{headers}'


def ask(url: str, request: Ask, timeout: float = 10) -> dict[str, object]:
    """The result that `url` answers with. ValueError where it is none, OSError where nobody answers."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("POST", parts.path, request.body, request.headers)
        answer = connection.getresponse()
        text = answer.read().decode()
    finally:
        connection.close()
    if "event-stream" in (answer.getheader("content-type") or ""):
        text = next(line.removeprefix("data: ") for line in text.splitlines() if '"result"' in line)
    try:
        message = json.loads(text)
    except ValueError:
        message = {}
    if message.get("id") != 7 or "result" not in message:
        raise ValueError(f"{url} answered {answer.status} {text[:300]!r} to {request.method} {request.name or ''}")
    return message["result"]
