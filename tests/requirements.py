"""Sentences of the protocol, and of what we promise on top of it, that tests prove: id -> (sentence, where it is written).

`@pytest.mark.requirement("area:feature")` ties a test to a sentence; test_requirements.py sees that neither is without the other.
"""

_SPEC = "https://modelcontextprotocol.io/specification"
_MODERN = f"{_SPEC}/2026-07-28"
_LEGACY = f"{_SPEC}/2025-11-25"
_HTTP = f"{_MODERN}/basic/transports/streamable-http"
_RPC = "https://www.jsonrpc.org/specification"

REQUIREMENTS: dict[str, tuple[str, str]] = {
    # --- messages
    "base:message.kinds": (
        "A message is a request (method and id), a notification (method alone) or a response (a result or an error, never both).",
        f"{_MODERN}/basic#messages",
    ),
    "base:message.single": ("The body of a POST is a single message: a batch is refused.", f"{_HTTP}#sending-messages"),
    "base:batch.answered": (
        "A client of 2025-03-26 may send an array of messages, and gets the answers to its requests as an array or on a stream.",
        f"{_SPEC}/2025-03-26/basic/transports#sending-messages-to-the-server",
    ),
    "base:batch.refused": (
        "An array that is empty, contains `initialize` or comes from a client of any other revision is refused with -32600.",
        f"{_SPEC}/2025-03-26/basic#batching",
    ),
    "base:message.version": ('Every message says `"jsonrpc": "2.0"`.', f"{_RPC}#request_object"),
    "base:id.kinds": ("The id of a request is a string or an integer, never null.", f"{_MODERN}/basic#requests"),
    "base:parse-error": ("What is no JSON is answered with -32700.", f"{_RPC}#error_object"),
    "base:encoding.utf-8": ("Messages are encoded in UTF-8.", f"{_MODERN}/basic/transports"),
    "base:params.object": ("Params are an object: the protocol has no positional ones.", f"{_MODERN}/basic#requests"),
    "base:method-not-found": ("A method that is not implemented is answered with -32601.", f"{_HTTP}#protocol-version-header"),
    "base:error.without-id": ("An error about a request whose id is unknown has the id null.", f"{_RPC}#response_object"),
    "base:error-codes.own": (
        "Codes of an implementation's own lie outside of -32768 to -32000.",
        f"{_MODERN}/basic#error-codes",
    ),
    "base:era.by-version-header": (
        "A request without version header, or with one of a handshake revision, is legacy; any other version is judged as modern.",
        f"{_MODERN}/basic/versioning#backward-compatibility-with-initialization-based-versions",
    ),
    "base:duplicate-keys": (
        "Of keys that are given twice the last counts, and the message that goes on contains only that one.",
        "RFC 8259, section 4: receivers differ in what they make of duplicate names",
    ),
    "base:unknown-members": (
        "Members, params and metadata that the proxy does not know pass unchanged.",
        f"{_MODERN}/basic#messages",
    ),
    "stdio:one-line": ("A message on stdio contains no line break.", f"{_MODERN}/basic/transports/stdio"),
    # --- the modern wire
    "modern:meta.required": (
        "A request carries its protocol version and client capabilities in `_meta`; without them it is answered with -32602.",
        f"{_MODERN}/basic#_meta",
    ),
    "modern:headers.version": (
        "MCP-Protocol-Version repeats the version in `_meta`; absent or different, the request is answered with -32020.",
        f"{_HTTP}#protocol-version-header",
    ),
    "modern:headers.param.made": (
        "Arguments whose schema has `x-mcp-header` are repeated in `Mcp-Param-*` headers, encoded where they are not plain.",
        f"{_HTTP}#custom-headers-from-tool-parameters",
    ),
    "modern:headers.param.checked": (
        "A call whose `Mcp-Param-*` headers contradict its arguments is answered with -32020; numbers are compared as such.",
        f"{_HTTP}#server-behavior-for-custom-headers",
    ),
    "modern:headers.param.annotation": (
        "A tool with an `x-mcp-header` that is not allowed is left out of the list over HTTP, and the others stay.",
        f"{_HTTP}#schema-extension",
    ),
    "tasks:same-era": (
        "A task is created, watched and cancelled under one id, by whoever created it and nobody else.",
        f"{_LEGACY}/basic/utilities/tasks#task-isolation-and-access-control",
    ),
    "tasks:list": (
        "A list of tasks has the tasks of whoever asks, page by page, and nobody else's.",
        f"{_LEGACY}/basic/utilities/tasks#listing-tasks",
    ),
    "tasks:not-asked-for": (
        "A receiver that offers no tasks of a revision answers its calls as if they had not asked for one.",
        f"{_LEGACY}/basic/utilities/tasks#behavior-requirements",
    ),
    "modern:headers.method": (
        "Mcp-Method repeats the method, plainly and case-sensitively; absent or different: -32020.",
        f"{_HTTP}#standard-request-headers",
    ),
    "modern:headers.name-mismatch": (
        "Mcp-Name repeats params.name or params.uri of tools/call, prompts/get and resources/read; absent or different: -32020.",
        f"{_HTTP}#server-validation",
    ),
    "modern:headers.base64": (
        "A value that a field cannot carry plainly, or that looks like the sentinel, is written as `=?base64?...?=`, and decoded "
        "before it is compared.",
        f"{_HTTP}#value-encoding",
    ),
    "modern:headers.characters": ("A header with characters that a field cannot have is refused.", f"{_HTTP}#server-validation"),
    "modern:headers.once": (
        "A header that routes is given once: of two, readers on the way could follow different ones.",
        f"{_HTTP}#server-validation",
    ),
    "modern:version.unsupported": (
        "A version that is not spoken is answered with -32022, the versions that are, and the one that was asked for.",
        f"{_HTTP}#protocol-version-header",
    ),
    "modern:status.errors": (
        "Malformed requests, bad headers, missing capabilities and unknown versions have status 400, unknown methods 404.",
        f"{_HTTP}#server-validation",
    ),
    # --- event streams
    "sse:framing": (
        "Lines end with LF, CR or CRLF; data, event, id, retry, comments and a first BOM mean what the HTML standard says.",
        "https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation",
    ),
    "sse:resumable": (
        "A client that has lost a stream asks by GET, with Last-Event-ID, for what came after on that stream, and for no other's.",
        f"{_LEGACY}/basic/transports#resumability-and-redelivery",
    ),
    "sse:primed": (
        "A stream begins with an event that has an id and no data, and says how long to wait before coming back.",
        f"{_LEGACY}/basic/transports#sending-messages-to-the-server",
    ),
    "sse:resumed": (
        "A server may end a stream before the answer; its client comes back with the id of the last event.",
        f"{_LEGACY}/basic/transports#resumability-and-redelivery",
    ),
    "sse:retry": (
        "A client waits for as long as `retry` says before it comes back.",
        f"{_LEGACY}/basic/transports#sending-messages-to-the-server",
    ),
    "sse:bounded": ("An event that never ends is given up before it fills the memory.", "DESIGN: a server harms no other"),
    # --- between the eras
    "bridge:request.modern": (
        "A legacy client's request reaches a modern server with version, client and no capabilities in its `_meta`.",
        f"{_MODERN}/basic#_meta",
    ),
    "bridge:request.legacy": (
        "A modern client's request reaches a legacy server without the metadata of modern requests, and with all other.",
        f"{_MODERN}/basic/versioning",
    ),
    "bridge:result.modern": (
        "Every modern result says its `resultType`, and one that may be cached for how long and by whom.",
        f"{_MODERN}/server/utilities/caching",
    ),
    "bridge:result.legacy": ("A legacy result has neither resultType, ttlMs nor cacheScope.", f"{_LEGACY}/schema"),
    "bridge:input-required": (
        "A result that asks for input is told from one that is complete by its resultType alone.",
        f"{_MODERN}/basic/patterns/mrtr",
    ),
    "bridge:resource-not-found": (
        "An unknown resource is -32602 on the modern wire and -32002 on the legacy one.",
        f"{_MODERN}/server/resources#error-handling",
    ),
    "bridge:log-level": (
        "A client gets log messages of the level that it asked for and above, and none if it asked for none.",
        f"{_MODERN}/server/utilities/logging",
    ),
    # --- lists
    "lists:four": (
        "Tools, prompts, resources and resource templates are lists with pages.",
        f"{_MODERN}/server/utilities/pagination",
    ),
    "lists:pages.followed": ("A list is complete when a page names no next cursor.", f"{_MODERN}/server/utilities/pagination"),
    "lists:cursor.opaque": (
        "A cursor is opaque to whoever gets it and goes back unchanged, the empty one included.",
        f"{_MODERN}/server/utilities/pagination#implementation-guidelines",
    ),
    "lists:cursor.invalid": (
        "A cursor that was not given out, or whose place is gone, is answered with -32602.",
        f"{_MODERN}/server/utilities/pagination#error-handling",
    ),
    "lists:order": ("A list has the same order each time it is asked for.", f"{_MODERN}/server/tools#listing-tools"),
    "lists:capability": (
        "What a server did not declare is not asked of it, and what the proxy cannot serve is not declared.",
        f"{_MODERN}/basic/versioning",
    ),
    "lists:partial": (
        "A server whose part of a list is missing is named in `_meta` with the reason and whether asking again is safe.",
        "DESIGN: a failing server shows as a typed partial error, never as an empty list",
    ),
    "caching:ttl": (
        "A list is kept no longer than its ttlMs; of several pages the shortest counts; a value that is no such number is none.",
        f"{_MODERN}/server/utilities/caching",
    ),
    "caching:list-changed": (
        "A list that is announced as changed is fetched again, whatever its ttlMs.",
        f"{_MODERN}/server/utilities/caching",
    ),
    "caching:merged": (
        "A list of several servers is private and holds for what is left of the shortest time that any of them allowed.",
        f"{_MODERN}/server/utilities/caching",
    ),
    # --- many servers as one
    "aggregate:unknown-name": (
        "A tool or prompt that nobody has is answered with -32602.",
        f"{_MODERN}/server/tools#error-handling",
    ),
    "aggregate:uris.public": (
        "Every URI in a result of a read, a call or a prompt is one that can be read at the same endpoint.",
        f"{_MODERN}/server/resources#reading-resources",
    ),
    "aggregate:completion.reference": (
        "A completion goes to the server of the prompt or template that it refers to.",
        f"{_MODERN}/server/utilities/completion#reference-types",
    ),
}
