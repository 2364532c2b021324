"""What the proxy's own configuration has, too."""

import copy

from tests.dotted import put
from tests.spec.keys.room import Data, Path, Room

_TIMES = ("connect", "exchange", "request", "input", "discovery", "catalog", "drain")


def _before(data: Data, path: Path) -> None:
    if "validation" in path:
        put(data, (*path[:-1], "results" if path[-1] == "arguments" else "arguments"), "observe")
    if "virtual_servers" in path:
        native = "one*" if path[-1] == "prefix" else "one"
        kinds = {"tools": "tool", "prompts": "prompt", "resources": "uri"}
        put(data, path[:3], copy.deepcopy({kind: [{"server": "image", key: native}] for kind, key in kinds.items()}))


ROOM = Room(
    modules=("mcp_stack_proxy.config.",),
    values={
        "prefix": ("A_", "B_"),
        "log.level": ("warn", "info,upstream=debug"),
        "log.format": ("text", "json"),
        "cli.prefix": ("one", ""),
        "name": ("one", "two"),
        "server": ("image", "command"),
        **dict.fromkeys(("title", "description", "tool", "prompt", "uri", "instructions"), ("one", "two")),
        **{f"annotations.{hint}": (True, False) for hint in ("read_only", "destructive", "idempotent", "open_world")},
        "tools.allow": (["one"], ["two"]),
        "tools.deny": (["one"], ["two"]),
        "validation.arguments": ("observe", "enforce"),
        "validation.results": ("observe", "enforce"),
        "max_bytes": (1001, 1002),
        "max_depth": (11, 12),
        "start": ("first_call", "startup"),
        "idle_timeout": ("2m", "3m"),
        "min_idle_timeout": ("30s", "40s"),
        "max_idle_timeout": ("6m", "7m"),
        "max_starts": (3, 4),
        "start_window_seconds": (20.0, 30.0),
        "cool_down_seconds": (40.0, 50.0),
        "max_memory": ("100Mi", "110Mi"),
        "sharing": ("shared", "session"),
        "max_sessions": (2, 3),
        "max_concurrent": (1, 2),
        "max_queue": (3, 4),
        "max_connection_age_seconds": (1.5, 2.5),
        "queue_seconds": (5.0, 6.0),
        "help": ("-h", "help"),
        "depth": (1, 3),
        "subcommands": (["one"], ["two words"]),
        "options.allow": (["--one"], ["--two"]),
        "options.deny": (["--one"], ["--two"]),
        "presets.0.args": (["one"], ["${two}"]),
        "read_only": (["one"], ["two"]),
        "end_of_options": ("--", "--end-of-options"),
        "joined_values": (True, False),
        "stdin": (True, False),
        "timeout_seconds": (11.0, 12.0),
        "max_output_bytes": (1001, 1002),
        "concurrency": (2, 3),
        "max_body_bytes": (1001, 1002),
        "max_message_bytes": (1001, 1002),
        "max_parked_calls": (1001, 1002),
        "max_parked_calls_per_caller": (101, 102),
        **{f"{what}_seconds": (61.0, 62.0) for what in _TIMES},
    },
    beside={
        "min_idle_timeout": ("idle_timeout", "adaptive"),
        "max_idle_timeout": ("idle_timeout", "adaptive"),
        "max_sessions": ("sharing", "session"),
        "max_queue": ("max_concurrent", 1),
        "queue_seconds": ("max_concurrent", 1),
    },
    elements={"presets": {"name": "one"}},
    before=_before,
)
