"""What arguments say about the proxy's own work. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class ValidationArgs(TypedDict):
    """Calls checked by each tool's own JSON Schema: `observe` logs what is wrong, `enforce` refuses it."""

    arguments: NotRequired[str]
    """Arguments, by the tool's `inputSchema`, before the server sees them."""
    results: NotRequired[str]
    """Structured content, by the tool's `outputSchema`, where it has one. Results that say `isError` are not checked."""
    max_bytes: NotRequired[int]
    """Largest arguments or structured content; what is larger is a fault."""
    max_depth: NotRequired[int]
    """Objects and lists within each other; what is deeper is a fault."""


class ServerLimitsArgs(TypedDict):
    """Bounds of one server. The first six are those of `limits` where they are not given here."""

    connect_seconds: NotRequired[float]
    """Time to open a connection to it."""
    max_connection_age_seconds: NotRequired[float]
    """Age from which on a connection to it carries no further request."""
    exchange_seconds: NotRequired[float]
    """Silence allowed within one exchange with it."""
    request_seconds: NotRequired[float]
    """Hard end of a request to it, the wait for its turn included."""
    discovery_seconds: NotRequired[float]
    """Time for its part of a list, negotiation included."""
    catalog_seconds: NotRequired[float]
    """Age at which its lists are fetched again, where it does not announce changes itself."""
    max_concurrent: NotRequired[int]
    """Calls that it works on at a time for one proxy process: of tools, prompts, resources and completions. No bound by default. A
    call counts until its last part. Lists, greetings and streams of changes do not count."""
    max_queue: NotRequired[int]
    """Calls that wait for their turn, in the order in which they came. One more is answered at once as `overloaded`."""
    queue_seconds: NotRequired[float]
    """Time that a call waits for its turn before it is answered as `overloaded`."""


class ToolFilterArgs(TypedDict):
    """Tools by the server's own names; `*`, `?` and `[ab]` stand for other characters. What is hidden is answered as unknown."""

    allow: NotRequired[list[str]]
    """Tools that clients get, all by default."""
    deny: NotRequired[list[str]]
    """Tools that they do not get, even if `allow` names them."""


class ProcessConfigArgs(TypedDict):
    """The process of a server that speaks stdio: when it rests, when it is started again, what it may use, whose it is."""

    start: NotRequired[str]
    """When the process is started for the first time. `first_call`: when somebody needs it, the default of a proxy by itself.
    `startup`: with the proxy, which is not ready until it has answered once; the default in the pods of a stack."""
    idle_timeout: NotRequired[str]
    """Time without a call after which the process is stopped; its lists stay known, and the next call starts it again. A duration
    (`2m`), `never`, or `adaptive`: 5 minutes above 20 calls an hour, 3 above 5, else 1. What it holds in memory is lost."""
    min_idle_timeout: NotRequired[str]
    """For `adaptive`: the shortest time, which is that of a process with a single call, too."""
    max_idle_timeout: NotRequired[str]
    """For `adaptive`: the longest time, which is that of a process without any call, too."""
    max_starts: NotRequired[int]
    """Starts within `start_window_seconds` of a process that ends by itself. Then the server has failed, and is left alone."""
    start_window_seconds: NotRequired[float]
    """Time in which starts are counted."""
    cool_down_seconds: NotRequired[float]
    """Time that a failed server is left alone, before one more attempt. A run of a minute is a success, and all is forgotten."""
    max_memory: NotRequired[str]
    """Resident memory of the process and all that it started, such as `512Mi`; beyond it, they are ended. They are looked at every
    few seconds, and memory that they share counts for each of them. On Linux only."""
    sharing: NotRequired[str]
    """`session`: a process for each client session, for servers that keep state for their client. Lists, and callers without a
    session, which those of revision 2026-07-28 are, have one process in common."""
    max_sessions: NotRequired[int]
    """For `session`: processes at once. The one unused for longest makes room, except where a call is in flight."""


class LogArgs(TypedDict):
    """Diagnostics on standard error. Records of calls are `audit`'s."""

    level: NotRequired[str]
    """`trace`, `debug`, `info`, `warn` or `error`, for all or part by part: `warn,upstream=debug`. MCP_LOG_LEVEL stands over it."""
    format: NotRequired[str]
    """Lines for people, or one object of JSON each: `timestamp`, `level`, `target`, `message`, `fields`. MCP_LOG_FORMAT stands over
    it."""


class LimitsArgs(TypedDict):
    """Bounds of one proxy process. Whoever exceeds one gets an answer that names it."""

    max_body_bytes: NotRequired[int]
    """Largest request body that is read from a client."""
    max_message_bytes: NotRequired[int]
    """Largest single message that is read from a server where it has to be held whole (lists, stdio lines, SSE events)."""
    connect_seconds: NotRequired[float]
    """Time to open a connection to a server."""
    max_connection_age_seconds: NotRequired[float]
    """Age from which on a connection to a server carries no further request; one under way ends. By default 2 for Services and
    private addresses, whose pods come and go, and 3600 for others. A pod has to stay that long after it has left its Service."""
    exchange_seconds: NotRequired[float]
    """Silence allowed within one exchange with a server: until its first byte, and between two (seed 001: MCP_TIMEOUT)."""
    request_seconds: NotRequired[float]
    """Hard end of a request, whatever progress is reported (seed 001: MCP_PROXY_REQUEST_TIMEOUT)."""
    input_seconds: NotRequired[float]
    """Time that a client gets to answer what a server asks it (sampling, elicitation, roots). It does not count as the server's."""
    max_parked_calls: NotRequired[int]
    """Calls that wait for the input of clients of 2026-07-28, which send the call again with it; each holds a connection."""
    max_parked_calls_per_caller: NotRequired[int]
    """Of these, the calls of one caller who has shown who it is."""
    discovery_seconds: NotRequired[float]
    """Time for one server's part of a list, negotiation included."""
    catalog_seconds: NotRequired[float]
    """Age at which a server's lists are fetched again, where it does not announce changes itself."""
    drain_seconds: NotRequired[float]
    """Time that requests in flight get after SIGTERM, the end of the servers' processes included."""


class ToolHintsArgs(TypedDict):
    """What clients are told about a tool's effects. It is advice to them, and changes nothing in what the tool does."""

    read_only: NotRequired[bool]
    """It changes nothing (`readOnlyHint`)."""
    destructive: NotRequired[bool]
    """It may overwrite or delete (`destructiveHint`)."""
    idempotent: NotRequired[bool]
    """Calling it again with the same arguments changes nothing more (`idempotentHint`)."""
    open_world: NotRequired[bool]
    """It deals with what is outside of its server (`openWorldHint`)."""


class ToolSelectionArgs(TypedDict):
    """One tool of a server, or all that a pattern stands for. What is named by itself is not taken by a pattern again."""

    server: str
    """Server that has it."""
    tool: str
    """The server's own name of it; `*`, `?` and `[ab]` stand for other characters."""
    name: NotRequired[str]
    """Name here, its own by default."""
    prefix: NotRequired[str]
    """In front of all names that a pattern stands for."""
    title: NotRequired[str]
    """Title here."""
    description: NotRequired[str]
    """Description here."""
    annotations: NotRequired[ToolHintsArgs]
    """What differs from the server's own annotations."""


class PromptSelectionArgs(TypedDict):
    """One prompt of a server, or all that a pattern stands for."""

    server: str
    """Server that has it."""
    prompt: str
    """The server's own name of it; `*`, `?` and `[ab]` stand for other characters."""
    name: NotRequired[str]
    """Name here, its own by default."""
    prefix: NotRequired[str]
    """In front of all names that a pattern stands for."""
    title: NotRequired[str]
    """Title here."""
    description: NotRequired[str]
    """Description here."""


class ResourceSelectionArgs(TypedDict):
    """Resources and templates of a server. Their URIs are those of `/mcp`, in lists and in results."""

    server: str
    """Server that has it."""
    uri: str
    """The server's own URI or URI template; `*`, `?` and `[ab]` stand for other characters. What is read has to match it, too."""


class VirtualServerArgs(TypedDict):
    """A server that consists of parts of others. Its clients see these alone, and call them as if they were its own."""

    title: NotRequired[str]
    """Title that clients see in `serverInfo`, beside its name."""
    instructions: NotRequired[str]
    """Text for the model on how to use it."""
    tools: NotRequired[list[ToolSelectionArgs]]
    """Its tools. Names have to differ; where patterns overlap, the server that is named first has the name."""
    prompts: NotRequired[list[PromptSelectionArgs]]
    """Its prompts, by the same rules."""
    resources: NotRequired[list[ResourceSelectionArgs]]
    """Its resources and resource templates. A link in a tool's result leads to a resource only if it is selected here."""


class OptionFilterArgs(TypedDict):
    """Options of a wrapped program by any of their names, such as `--output` or `-o`; `*`, `?` and `[ab]` as in `tools`."""

    allow: NotRequired[list[str]]
    """Options that a call may give, all by default."""
    deny: NotRequired[list[str]]
    """Options that it may not give, by any of their names, even if `allow` names them."""


class CliPresetArgs(TypedDict):
    """A tool with arguments that are fixed."""

    name: str
    """Name of the tool."""
    args: NotRequired[list[str]]
    """All arguments of the program, after the server's `args`."""
    description: NotRequired[str]
    """What it does."""


class CliConfigArgs(TypedDict):
    """A command-line program whose subcommands become tools, as its help describes them. Each call is a process of its own, started
    without a shell."""

    help: NotRequired[str]
    """Argument that makes the program, and each subcommand, print its help. `-h` suits git, whose `--help` opens a manual."""
    depth: NotRequired[int]
    """Levels of help that are asked: 1 for the program's own, 2 for its subcommands' too. Below, tools have no named options."""
    subcommands: NotRequired[list[str]]
    """Subcommands that are offered, with what is below them; all that the help lists by default. No other is asked for help."""
    options: NotRequired[OptionFilterArgs]
    """Which options a call may give, where some of them do what no caller should."""
    presets: NotRequired[list[CliPresetArgs]]
    """Tools written by hand, in place of those that the help describes. No help is asked then."""
    prefix: NotRequired[str]
    """Begins the tools' names: `git` in `git_log`. The program's own name by default."""
    read_only: NotRequired[list[str]]
    """Tools that are declared to change nothing (`readOnlyHint`). Nothing else is declared of any tool."""
    end_of_options: NotRequired[str]
    """Put before values that belong to no option, `--` for most programs. By default only where the usage line shows it; elsewhere
    such a value may not begin with `-`."""
    joined_values: NotRequired[bool]
    """Values go in one word with a long option, `--option=value`. `false` for programs that know only two words, such as curl; a
    value that begins with `-` is refused then."""
    stdin: NotRequired[bool]
    """Gives each tool an argument `stdin`: text for the program to read. Without it there is nothing to read."""
    timeout_seconds: NotRequired[float]
    """Time for one run. Its process group is ended then, and what it said so far is the result."""
    max_output_bytes: NotRequired[int]
    """What is kept of each of stdout and stderr: beginning and end, if it is more (seed 001: MCP_MAX_OUTPUT)."""
    concurrency: NotRequired[int]
    """Runs at a time; further calls wait."""
