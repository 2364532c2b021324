"""The shipped environments, object by object, as they were last looked at.

`UPDATE_GOLDEN=1 pytest tests/judges/test_golden.py` writes them anew; the change is then read in the commit's own diff.
"""

import os
from pathlib import Path

import pytest

from mcp_stack.preview.documents import LEDGER, write
from tests.judges.stacks import ROOT, rendered

GOLDEN = Path(__file__).parent / "golden"
UPDATE = "UPDATE_GOLDEN"


def contents(directory):
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.yaml"))}


@pytest.mark.parametrize("stack", ["staging", "production"])
def test_a_shipped_environment_renders_as_it_was_last_looked_at(stack, tmp_path):
    objects = rendered(ROOT, stack).objects
    if UPDATE in os.environ:
        write(objects, GOLDEN / stack)
    write(objects, tmp_path)
    expected, found = contents(GOLDEN / stack), contents(tmp_path)
    assert sorted(found) == sorted(expected), f"objects came or went; if that is meant: {UPDATE}=1"
    for name, text in found.items():
        assert text == expected[name], f"{name} changed; if that is meant: {UPDATE}=1"
    assert (GOLDEN / stack / LEDGER).is_file()
