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

MODERN_FIXTURE = {"tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums"}
"""2025-11-25: these tools of the fixture send a request to the client, which a server of 2026-07-28 alone cannot."""

OLD, NEW = "2025-11-25", "2026-07-28"

LACKING: dict[tuple[str, str], set[str]] = {
    ("direct-legacy", OLD): {"json-schema-2020-12"},
    ("one-legacy", OLD): {"json-schema-2020-12"},
    ("one-legacy", NEW): LEGACY_FIXTURE | {"http-custom-header-server-validation"},
    ("one-modern", OLD): MODERN_FIXTURE,
    ("all-legacy", OLD): {"json-schema-2020-12"},
    ("all-legacy", NEW): LEGACY_FIXTURE,
    ("all-modern", OLD): MODERN_FIXTURE,
}
"""By route and revision; a run that is not here lacks nothing."""

CLIENT_LACKING = {}
"""The client leg's: route, revision and scenario -> why."""
