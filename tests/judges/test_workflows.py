"""zizmor over the workflows: what they let somebody else do. Offline, so that nothing is asked of GitHub."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.judges.stacks import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
DEADLINE_SECONDS = 60


def judged(place: Path) -> subprocess.CompletedProcess[str]:
    """Exit code 0 where nothing is found, 11 to 14 by the gravest finding."""
    program = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    assert program is not None, "zizmor is one of requirements/dev.txt"
    command = [program, "--offline", "--no-progress", "--no-config", "--format", "plain", str(place)]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


def test_the_workflows_let_nobody_else_in():
    found = judged(WORKFLOWS)
    assert found.returncode == 0, found.stdout


def test_a_tag_that_somebody_may_move_is_found(tmp_path):
    text = (WORKFLOWS / "test.yml").read_text(encoding="utf-8")
    pinned = next(line.split("@")[1] for line in text.splitlines() if "actions/checkout@" in line)
    (tmp_path / "test.yml").write_text(text.replace(pinned, "v4"), encoding="utf-8")
    found = judged(tmp_path / "test.yml")
    assert found.returncode >= 11
    assert "unpinned-uses" in found.stdout
