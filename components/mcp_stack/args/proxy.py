"""What the proxy's own configuration has, too. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

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


class ToolFilterArgs(TypedDict):
    """Tools by the server's own names; `*`, `?` and `[ab]` stand for other characters. What is hidden is answered as unknown."""

    allow: NotRequired[list[str]]
    """Tools that clients get, all by default."""
    deny: NotRequired[list[str]]
    """Tools that they do not get, even if `allow` names them."""


class LimitsArgs(TypedDict):
    """Bounds of one proxy process. Whoever exceeds one gets an answer that names it."""

    max_body_bytes: NotRequired[int]
    """Largest request body that is read from a client."""
    max_message_bytes: NotRequired[int]
    """Largest single message that is read from a server where it has to be held whole (lists, stdio lines, SSE events)."""
    connect_seconds: NotRequired[float]
    """Time to open a connection to a server."""
    exchange_seconds: NotRequired[float]
    """Silence allowed within one exchange with a server: until its first byte, and between two (seed 001: MCP_TIMEOUT)."""
    request_seconds: NotRequired[float]
    """Hard end of a request, whatever progress is reported (seed 001: MCP_PROXY_REQUEST_TIMEOUT)."""
    discovery_seconds: NotRequired[float]
    """Time for one server's part of a list, negotiation included."""
    catalog_seconds: NotRequired[float]
    """Age at which a server's lists are fetched again, where it does not announce changes itself."""
    drain_seconds: NotRequired[float]
    """Time that requests in flight get after SIGTERM, the end of the servers' processes included."""


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
