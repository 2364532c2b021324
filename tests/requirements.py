"""Sentences of the protocol, and of what we promise on top of it, that tests prove: id -> (sentence, where it is written).

`@pytest.mark.requirement("area:feature")` ties a test to a sentence; test_requirements.py sees that neither is without the other.
"""

_SPEC = "https://modelcontextprotocol.io/specification"
_MODERN = f"{_SPEC}/2026-07-28"
_LEGACY = f"{_SPEC}/2025-11-25"
_HTTP = f"{_MODERN}/basic/transports/streamable-http"
_MRTR = f"{_MODERN}/basic/patterns/mrtr"
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
    "base:answer.own": ("A response has the id of the request that it answers.", f"{_MODERN}/basic#result-responses"),
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
    "tasks:declared": (
        "No client is answered with a task that it has not declared, or not asked for.",
        "https://modelcontextprotocol.io/extensions/tasks/overview",
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
    "modern:post.message": (
        "The body of a POST is a request or a notification: a client posts no responses.",
        f"{_HTTP}#sending-messages",
    ),
    "modern:post.accept": (
        "A client accepts JSON and event streams, and is refused where it does not say so.",
        f"{_HTTP}#sending-messages",
    ),
    "modern:post.notification": (
        "A notification is accepted with status 202, and nothing is answered.",
        f"{_HTTP}#sending-messages",
    ),
    "modern:post.alone": (
        "The endpoint knows POST alone: GET and DELETE are answered with 405.",
        f"{_HTTP}",
    ),
    "modern:session.ignored": (
        "A session id means nothing, and none is given out.",
        f"{_HTTP}",
    ),
    "modern:methods.removed": (
        "Methods that the revision has no more are answered as unknown.",
        f"{_MODERN}/changelog",
    ),
    "modern:headers.param.passed": (
        "Mcp-Param-* headers that an intermediary does not know reach the server.",
        f"{_HTTP}#custom-headers-from-tool-parameters",
    ),
    "modern:discover": (
        "A server tells its versions, capabilities and instructions by `server/discover`.",
        f"{_MODERN}/server/discover",
    ),
    "modern:result-type": (
        "A result without `resultType` is complete; one of a kind that nobody knows is none.",
        f"{_MODERN}/basic#resulttype",
    ),
    "modern:stream.own": (
        "On the stream of a request come its own notifications, and then its response.",
        f"{_HTTP}#receiving-messages",
    ),
    "modern:stream.no-requests": ("A server asks nothing on the stream of a response.", f"{_HTTP}#receiving-messages"),
    "modern:stream.unbuffered": (
        "A stream asks those on the way not to hold it back.",
        f"{_HTTP}#receiving-messages",
    ),
    "modern:stream.closed": (
        "To close the stream of a response is to cancel the request, as far as the server behind.",
        f"{_MODERN}/basic/patterns/cancellation",
    ),
    "modern:listen.acknowledged": (
        "The first message of a subscription says what of it is agreed.",
        f"{_MODERN}/basic/patterns/subscriptions",
    ),
    "modern:listen.id": (
        "Each message of a subscription names the request that opened it; its end is a result.",
        f"{_MODERN}/basic/patterns/subscriptions",
    ),
    "modern:capabilities.forwarded": (
        "A server is told what the caller has declared, and never more.",
        f"{_MODERN}/basic#_meta",
    ),
    "modern:capabilities.missing": (
        "A request that needs what its client has not declared is answered with -32021 and what is required.",
        f"{_MODERN}/basic#error-codes",
    ),
    "modern:codes.legacy": (
        "Errors -32002 and -32042 of an older server do not reach a client of this revision.",
        f"{_MODERN}/basic#error-codes",
    ),
    "schema:no-fetch": (
        "No reference in a schema is fetched.",
        f"{_MODERN}/basic#json-schema-usage",
    ),
    "schema:bounded": (
        "Depth and size of a schema, and what it costs to judge a value by it, are bounded.",
        f"{_MODERN}/basic#json-schema-usage",
    ),
    # --- several rounds of one request
    "mrtr:asked": (
        "What a server behind asks of the client while it works ends a modern request with `input_required`.",
        f"{_MRTR}",
    ),
    "mrtr:asked.legacy": (
        "What a modern server wants is asked of a legacy client by a request of its own revision.",
        f"{_MRTR}",
    ),
    "mrtr:methods": (
        "No other methods than tools/call, prompts/get and resources/read may require input.",
        f"{_MRTR}",
    ),
    "mrtr:declared": (
        "A client is asked only for what it has declared.",
        f"{_MRTR}",
    ),
    "mrtr:keys": (
        "Several questions have a key each; what is left without an answer is asked again, and no key comes twice.",
        f"{_MRTR}",
    ),
    "mrtr:responses": (
        "The answers, `inputResponses`, are an object by those keys.",
        f"{_MRTR}",
    ),
    "mrtr:state.exact": (
        "A `requestState` is opaque to who gets it, and goes back as it came.",
        f"{_MRTR}",
    ),
    "mrtr:state.bound": (
        "A state is good for whoever it was given to, for the same request, once, and for a time.",
        f"{_MRTR}",
    ),
    "mrtr:state.hostile": (
        "A state that was made up or altered is none.",
        f"{_MRTR}",
    ),
    "mrtr:state.replicas": (
        "A request may be taken up on any replica.",
        "DESIGN: upstream session state travels encrypted in the session id or `requestState`",
    ),
    "mrtr:retry.id": (
        "A request that is sent again has an id of its own.",
        f"{_MRTR}",
    ),
    "mrtr:not-cached": (
        "A result that requires input, and what its retry is answered with, is not cached.",
        f"{_MODERN}/server/utilities/caching",
    ),
    "mrtr:rounds": (
        "A server that is never content is given up.",
        f"{_MRTR}",
    ),
    # --- the legacy wire
    "legacy:version": (
        "A handshake agrees on the revision that the client asks for, or on the latest that it may know.",
        f"{_LEGACY}/basic/lifecycle#version-negotiation",
    ),
    "legacy:session.id": (
        "The id of a session cannot be guessed, and has visible ASCII characters alone.",
        f"{_LEGACY}/basic/transports#session-management",
    ),
    "legacy:session.required": (
        "A request that needs a session and names none is answered with 400.",
        f"{_LEGACY}/basic/transports#session-management",
    ),
    "legacy:session.unknown": (
        "A session that is over or unknown is answered with 404, and its client begins anew.",
        f"{_LEGACY}/basic/transports#session-management",
    ),
    "legacy:session.ended": (
        "DELETE ends a session.",
        f"{_LEGACY}/basic/transports#session-management",
    ),
    "legacy:session.bound": (
        "A session id proves nobody: a session is its user's alone.",
        f"{_LEGACY}/basic/transports#session-management",
    ),
    "legacy:stream.wanted": (
        "GET opens a stream for who accepts one.",
        f"{_LEGACY}/basic/transports#listening-for-messages-from-the-server",
    ),
    "legacy:stream.one": (
        "Of several streams of a session a message comes on one.",
        f"{_LEGACY}/basic/transports#multiple-connections",
    ),
    "legacy:responses": (
        "A client answers a server's request by a POST of its own, which is accepted with 202.",
        f"{_LEGACY}/basic/transports#sending-messages-to-the-server",
    ),
    "legacy:disconnect": (
        "To leave is not to cancel.",
        f"{_LEGACY}/basic/transports#sending-messages-to-the-server",
    ),
    "legacy:cancelled": (
        "A call that `notifications/cancelled` names is ended, as far as the server behind, and has no answer.",
        f"{_LEGACY}/basic/utilities/cancellation",
    ),
    "legacy:ping": (
        "A `ping` is answered at once.",
        f"{_LEGACY}/basic/utilities/ping",
    ),
    # --- who may call, and what goes no further
    "security:origin": (
        "A page of another origin is refused with 403.",
        f"{_HTTP}#security-endpoint",
    ),
    "security:host": (
        "A request for another host is refused before anything of it is relayed.",
        f"{_HTTP}#security-endpoint",
    ),
    "security:no-passthrough": (
        "What a caller shows us reaches no server.",
        f"{_MODERN}/basic/authorization",
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
    "caching:hints": (
        "Complete results of lists, reads and `server/discover` say how long they may be kept and by whom, and no others do.",
        f"{_MODERN}/server/utilities/caching",
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
    "aggregate:names.reversible": (
        "A public name leads back to one thing of one server, whatever characters it has.",
        f"{_MODERN}/server/tools#tool-names",
    ),
    "aggregate:ids.unique": (
        "No id is used twice towards a server, whatever ids clients use.",
        f"{_MODERN}/basic#requests",
    ),
    "aggregate:era.once": (
        "The era of a server is negotiated once, and again when it has changed.",
        f"{_MODERN}/basic/versioning",
    ),
    "aggregate:changes": (
        "A change of a server's list is announced to clients of either era, whichever the server has.",
        f"{_MODERN}/server/tools#list-changed-notification",
    ),
    "aggregate:subscriptions": (
        "A client of either era hears of changes of a resource, whichever the server has.",
        f"{_MODERN}/server/resources#subscriptions",
    ),
    "aggregate:deadlines": (
        "A call has a hard end, whatever progress is made.",
        f"{_LEGACY}/basic/lifecycle#timeouts",
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
