"""A stdio server written by hand after 2025-11-25, with fields that nobody has heard of: line by line, JSON in and JSON out.

Modes by argument: `chatty` (garbage on stdout before each answer).
"""

import json
import os
import sys

MODES = sys.argv[1:]
levels, cancelled, waiting, tools = [], [], {}, ["echo"]


def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False), flush=True)


def content(text, **more):
    return {"content": [{"type": "text", "text": text, "x-block": {"kept": True}}], "x-result": [1, {"two": None}], **more}


def call(id_, params):
    name, arguments, meta = params["name"], params.get("arguments", {}), params.get("_meta", {})
    if name == "echo":
        if "progressToken" in meta:
            for step in (1, 2):
                say(method="notifications/progress", params={"progressToken": meta["progressToken"], "progress": step, "x-p": 1})
        say(
            id=id_,
            result=content(f"legacy: {arguments['nonce']}", structuredContent={"nonce": arguments["nonce"]}, _meta={"k": meta}),
        )
    elif name == "refuse":
        say(id=id_, error={"code": 4711, "message": "refused", "data": arguments, "x-error": "kept"})
    elif name == "hang":
        waiting[id_] = arguments["key"]
    elif name == "calls_state":
        say(id=id_, result=content(json.dumps({"hanging": sorted(waiting.values()), "cancelled": cancelled})))
    elif name == "chatter":
        for chosen in ("debug", "info", "error"):
            say(method="notifications/message", params={"level": chosen, "data": f"at {levels}", "logger": "l"})
        say(id=id_, result=content("said"))
    elif name == "grow":
        tools.append(arguments["tool"])
        say(method="notifications/tools/list_changed")
        say(id=id_, result=content("grown"))
    elif name == "ask":
        say(id="q1", method="ping")
        say(id="q2", method="sampling/createMessage", params={})
        heard = [json.loads(sys.stdin.readline()) for _ in range(2)]
        say(id=id_, result=content(json.dumps(sorted(heard, key=lambda answer: answer["id"]))))
    elif name == "die":
        print("last words", file=sys.stderr, flush=True)
        os._exit(3)


def answer(message):
    method, id_, params = message["method"], message.get("id"), message.get("params", {})
    if method == "initialize":
        capabilities = {"tools": {"listChanged": True}, "logging": {}, "resources": {}, "x-cap": {}}
        info = {"name": "by-hand", "version": "0", "x-info": 1}
        say(id=id_, result={"protocolVersion": params["protocolVersion"], "capabilities": capabilities, "serverInfo": info})
    elif method == "tools/list":
        listed = [{"name": name, "inputSchema": {"type": "object", "$defs": {"a": {}}}, "x-tool": {"é": 1}} for name in tools]
        say(id=id_, result={"tools": listed, "_meta": {"x-list": 1}})
    elif method == "resources/read":
        say(id=id_, error={"code": -32002, "message": "no such resource", "data": {"uri": params["uri"]}})
    elif method == "logging/setLevel":
        levels.append(params["level"])
        say(id=id_, result={})
    elif method == "notifications/cancelled" and params["requestId"] in waiting:
        cancelled.append(waiting.pop(params["requestId"]))
    elif method == "tools/call":
        call(id_, params)
    elif id_ is not None:
        say(id=id_, error={"code": -32601, "message": f"Method not found: {method}"})


for line in sys.stdin:
    if "chatty" in MODES:
        print("Starting up... {not json", flush=True)
    answer(json.loads(line))
