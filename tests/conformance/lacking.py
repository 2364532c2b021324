"""What is not green on which route: exact sets, so that a scenario that begins to pass has to be taken out of them.

An entry is the name of a scenario or, where only a part of it is lacking, `scenario/check`.
"""

LEGACY_FIXTURE = {
    *("input-required-result-basic-elicitation", "input-required-result-basic-sampling", "input-required-result-basic-list-roots"),
    *("input-required-result-request-state", "input-required-result-multiple-input-requests", "input-required-result-multi-round"),
    *("input-required-result-non-tool-request", "input-required-result-result-type", "input-required-result-tampered-state"),
    "input-required-result-capability-check",
    "server-stateless/sep-2575-server-rejects-undeclared-capability",
    "server-stateless/sep-2575-missing-capability-http-400",
    "json-schema-2020-12",
}
"""2026-07-28: what calls `test_input_required_*`, `test_missing_capability` or `json_schema_2020_12_tool`; 1.30.0 has none."""

LEGACY_SERVER = {"server-stateless/sep-2575-http-server-method-not-found-404"}
"""A server of the SDK 1.x answers an unknown method with -32602, and `/servers/{name}/mcp` says what the server said."""

LEGACY_CLIENT = {
    *("tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums"),
    *("resources-subscribe", "resources-unsubscribe"),
}
"""2025-11-25, wherever the session is ours: requests from servers to the client, and subscriptions. README's limits say so."""

OLD, NEW = "2025-11-25", "2026-07-28"

LACKING: dict[tuple[str, str], set[str]] = {
    ("direct-legacy", OLD): {"json-schema-2020-12"},
    ("one-legacy", OLD): {"json-schema-2020-12"},
    ("one-legacy", NEW): LEGACY_FIXTURE | LEGACY_SERVER | {"http-custom-header-server-validation"},
    ("one-modern", OLD): LEGACY_CLIENT,
    ("all", OLD): LEGACY_CLIENT,
    ("all-legacy", OLD): LEGACY_CLIENT | {"json-schema-2020-12"},
    ("all-legacy", NEW): LEGACY_FIXTURE,
    ("all-modern", OLD): LEGACY_CLIENT,
}
"""By route and revision; a run that is not here lacks nothing."""

SESSIONS_OF_ONE_PROCESS = ("all-replicas", OLD)
"""Sessions of `/mcp` live in one process: behind a balancer nothing of a legacy client works. README's limits say so."""

CLIENT_LACKING = {
    ("all", OLD, "elicitation-sep1034-client-defaults"): "requests of a server reach no legacy client of `/mcp`",
}
"""The client leg's: route, revision and scenario -> why."""
