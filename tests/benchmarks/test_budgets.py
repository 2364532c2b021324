"""A budget that is not met is called that."""

import yaml

from benchmarks.budgets import Row, report
from benchmarks.stacks import ROOT, SERVERS, large


def test_the_verdict_follows_the_bounds():
    values = [(5, 4, 2), (4, 4, 2), (3, 4, 2), (2, 4, 2), (1, 4, None), (9, None, None)]
    assert [Row("x", value, "ms", must, moonshot).verdict for value, must, moonshot in values] == [
        "NOT MET",
        "met",
        "met",
        "met, moonshot too",
        "met",
        "",
    ]


def test_the_table_is_aligned_and_shows_bounds():
    assert report([Row("short", 1, "ms", 4), Row("a longer name", 12345.678, "/s")]).splitlines() == [
        "                   measured     must",
        "short               1.00 ms  <= 4 ms  met",
        "a longer name  12,345.68 /s",
    ]


def test_the_generated_stack_is_like_the_shipped_one_and_has_as_many_servers_as_the_report_says():
    text = (ROOT / "Pulumi.production.yaml").read_text()
    original, generated = (yaml.safe_load(source)["config"]["mcp-stack:stack"] for source in (text, large(text)))
    assert len(generated["servers"]) == SERVERS
    assert {key: value for key, value in generated.items() if key != "servers"} == {
        key: value for key, value in original.items() if key != "servers"
    }
