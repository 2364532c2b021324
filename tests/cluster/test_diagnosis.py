"""What is wrong with what runs: object, condition and next step, from the objects as an API server holds them."""

from pathlib import Path

import pytest
import yaml

from mcp_stack.cluster.diagnosis import World, diagnose
from mcp_stack.cluster.diagnosis.found import LONGEST, Diagnosis, one_line

FAULTS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text("utf-8"))


@pytest.mark.parity("stack.diagnose")
@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case["name"])
def test_object_condition_and_next_step_are_named(case):
    found = diagnose(World(case["objects"], case.get("events", ()), case.get("absent", ())))
    seen = {(one.object, one.condition): one for one in found}
    wanted = {(title, condition): (message, step) for title, (condition, message, step) in case["finds"].items()}
    conflicted = {key for key in seen if key[1].startswith("Conflicted")}
    assert set(seen) - conflicted == set(wanted)
    for key, (message, step) in wanted.items():
        assert message in seen[key].message
        assert step in seen[key].next_step


def test_a_conflict_of_listeners_is_told_beside_their_other_faults():
    case = next(one for one in FAULTS if one["name"] == "routes that a Gateway refuses")
    found = diagnose(World(case["objects"]))
    assert [one.next_step for one in found if one.condition == "Conflicted=True (HostnameConflict)"] == [
        "two listeners want the same; remove one"
    ]


def test_a_finding_is_two_lines_that_can_be_read():
    one = Diagnosis("Pod mcp/web-1", "Evicted", "low on memory", "delete it")
    assert str(one) == "Pod mcp/web-1: Evicted: low on memory\n  next: delete it"
    assert str(Diagnosis("Pod mcp/web-1", "no status", "", "wait")) == "Pod mcp/web-1: no status\n  next: wait"
    assert one_line(" a\n b ") == "a b"
    assert len(one_line("x" * 999)) == LONGEST
