"""A client in a pod whose stream is open while other things happen, and until it has been quiet for long."""

QUIET_SECONDS = 65
"""More than a minute, at which proxies in the middle of a way usually lose patience; counted from the last message."""

STREAM = """
import http.client, json, os, sys, time
host, seconds = sys.argv[1], float(sys.argv[2])
base = {"Authorization": "Bearer " + os.environ["API_KEY"], "Content-Type": "application/json"}
base["Accept"] = "application/json, text/event-stream"

def post(message, headers):
    connection = http.client.HTTPConnection(host, 8080, timeout=20)
    connection.request("POST", "/mcp", json.dumps({"jsonrpc": "2.0", **message}), headers)
    answer = connection.getresponse()
    answer.read()
    return answer

client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "quiet", "version": "1"}}
begun = post({"id": 1, "method": "initialize", "params": client}, base)
session = {**base, "Mcp-Session-Id": begun.getheader("Mcp-Session-Id"), "MCP-Protocol-Version": "2025-06-18"}
post({"method": "notifications/initialized"}, session)
stream = http.client.HTTPConnection(host, 8080, timeout=seconds)
stream.request("GET", "/mcp", headers={**session, "Accept": "text/event-stream"})
answer = stream.getresponse()
since, ended = time.monotonic(), False
while (left := seconds - (time.monotonic() - since)) > 0 and not ended:
    stream.sock.settimeout(left)
    try:
        line = answer.readline()
    except TimeoutError:
        break
    ended = line == b""
    since = time.monotonic() if line.startswith(b"data:") else since
quiet = time.monotonic() - since
after = post({"id": 2, "method": "ping"}, session).status
print(json.dumps({"status": answer.status, "quiet": quiet, "ended": ended, "after": after}))
"""
