"""The judge is judged: what is missing, red or empty must not pass."""

import json

import pytest

from tests.conformance import suite
from tests.conformance.lacking import LACKING
from tests.conformance.routes import RUNS


def results(tmp_path, scenarios):
    for name, statuses in scenarios.items():
        directory = tmp_path / f"server-{name}-2026-01-02T03-04-05-678Z"
        directory.mkdir()
        checks = [{"id": f"{name}-{n}", "description": "what it wants", "status": status} for n, status in enumerate(statuses)]
        (directory / "checks.json").write_text(json.dumps(checks))
    return suite.read(tmp_path)


def all_green(revision):
    return {name: ["SUCCESS", "INFO"] for name in [*suite.required(revision), *suite.ALSO[revision]]}


@pytest.mark.parametrize("revision", suite.REVISIONS)
def test_the_frozen_set_has_the_size_that_we_claim(revision):
    names = suite.required(revision)
    assert len(names) == len(set(names)) == suite.REVISIONS[revision]


@pytest.mark.parametrize("revision", suite.REVISIONS)
def test_a_run_with_every_scenario_green_passes(tmp_path, revision):
    assert suite.shortfall(revision, results(tmp_path, all_green(revision))) == []


@pytest.mark.parametrize(
    ("statuses", "line"),
    [
        (None, "tools-list: did not run"),
        ([], "tools-list: checked nothing"),
        (["INFO", "WARNING"], "tools-list: checked nothing"),
        (["SUCCESS", "FAILURE"], "tools-list: tools-list-1: what it wants"),
    ],
)
def test_a_scenario_that_is_absent_empty_or_red_is_a_shortfall(tmp_path, statuses, line):
    scenarios = all_green("2026-07-28") | {"tools-list": statuses}
    found = results(tmp_path, {name: seen for name, seen in scenarios.items() if seen is not None})
    assert suite.shortfall("2026-07-28", found) == [line]


def test_a_scenario_that_lacks_a_part_is_told_by_its_checks_where_that_is_asked(tmp_path):
    scenarios = all_green("2026-07-28") | {
        "tools-list": ["SUCCESS", "FAILURE"],
        "caching": ["FAILURE", "FAILURE"],
        "prompts-list": [],
    }
    found = results(tmp_path, scenarios)
    assert suite.lacking("2026-07-28", found) == {"tools-list", "caching", "prompts-list"}
    in_part = {"tools-list/tools-list-1", "other/thing"}
    assert suite.lacking("2026-07-28", found, in_part) == {"tools-list/tools-list-1", "caching", "prompts-list"}


def test_what_is_known_to_lack_is_asked_for_somewhere():
    for (route, revision), entries in LACKING.items():
        assert (route, revision) in RUNS
        assert {entry.partition("/")[0] for entry in entries} <= {*suite.required(revision), *suite.ALSO[revision]}
