"""A stdio server written after what the reference servers for files and for everything do with their client.

It asks for the client's roots once there is one, and again whenever it says that they are others, in its own time. It offers
`sampled` to those alone who can be asked for a sample, and announces what it adds. It knows 2026-07-28, too, but asks nothing
there, as servers of the Go SDK do.
"""

import json
import sys

roots, capabilities, added = None, {}, []
TOOLS = ("roots", "add")


def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def call(name):
    if name == "add":
        added.append("x")
        say(method="notifications/resources/list_changed")
    return {"content": [{"type": "text", "text": json.dumps(roots if name == "roots" else name)}]}


def answer(method, params):
    offered = {"tools": {"listChanged": True}, "resources": {"listChanged": True}}
    match method:
        case "server/discover":
            return {"supportedVersions": ["2026-07-28", "2025-11-25"], "capabilities": offered}
        case "initialize":
            capabilities.update(params["capabilities"])
            return {"protocolVersion": "2025-11-25", "capabilities": offered, "serverInfo": {"name": "rooted", "version": "1"}}
        case "tools/list":
            names = [*TOOLS, *(["sampled"] if "sampling" in capabilities else [])]
            return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names]}
        case "resources/list":
            return {"resources": [{"name": name, "uri": f"data://{name}"} for name in added]}
        case "tools/call":
            return call(params["name"])
    return None


for line in sys.stdin:
    message = json.loads(line)
    method = message.get("method")
    if method is None:
        roots = [root["uri"] for root in message["result"]["roots"]] if "result" in message else message["error"]["message"]
    elif "id" in message:
        result = answer(method, message.get("params", {}))
        say(id=message["id"], **({"error": {"code": -32601, "message": "no"}} if result is None else {"result": result}))
    elif method in ("notifications/initialized", "notifications/roots/list_changed") and "roots" in capabilities:
        say(id="r", method="roots/list")
