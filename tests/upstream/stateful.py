"""A stdio server with a memory: it counts its calls, tells its process id, and eats as much as it is told.

The file VERSION_FILE holds the version that it says it has; with REFUSES in its environment it says why, and greets nobody.
What comes before the handshake ends it with BEFORE=ends, as it ends servers of the Python SDK 1.2 to 1.8, and gets no answer with
BEFORE=silent; with BEFORE=broken the first message ends it, whatever that is; with BEFORE=deaf it never reads one.
"""

import json
import os
import sys
import time
from pathlib import Path

calls, eaten = [], []
before = os.environ.get("BEFORE", "answers")


def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)


def call(id_, name, arguments):
    calls.append(name)
    if name == "eat":
        eaten.append(b"x" * arguments["bytes"])
        return
    if name == "hang":
        return
    if name == "leave":
        print("the key is", os.environ.get("TOKEN"), file=sys.stderr, flush=True)
        os._exit(3)
    say(id=id_, result={"content": [], "structuredContent": {"pid": os.getpid(), "calls": len(calls)}})


if before == "deaf":
    time.sleep(600)

for line in sys.stdin:
    message = json.loads(line)
    method, id_, params = message["method"], message.get("id"), message.get("params", {})
    if before == "broken" or (before == "ends" and method != "initialize"):
        sys.exit("expected an initialize request")
    if before == "silent" and method != "initialize":
        continue
    if method == "initialize":
        before = "answers"
        if "REFUSES" in os.environ:
            print("cannot open my database", file=sys.stderr, flush=True)
            time.sleep(0.05)
            say(id=id_, error={"code": 1, "message": "no"})
            continue
        info = {"name": "stateful", "version": Path(os.environ.get("VERSION_FILE", os.devnull)).read_text() or "1"}
        capabilities = {"tools": {"listChanged": True}}
        say(id=id_, result={"protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info})
    elif method == "tools/list":
        say(id=id_, result={"tools": [{"name": "count", "inputSchema": {"type": "object"}}]})
    elif method == "tools/call":
        call(id_, params["name"], params.get("arguments", {}))
    elif id_ is not None:
        say(id=id_, error={"code": -32601, "message": "no"})
