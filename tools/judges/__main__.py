"""`python -m tools.judges SEEDS`: write docs/judges.md anew. SEEDS: directory with the seeds' pages, `../shared/seeds` by default.

Of the pages nothing is kept but the numbers.
"""

import sys
import tempfile
from pathlib import Path

from mcp_stack.preview.checking import spec_of
from mcp_stack.preview.declared import declared_by
from mcp_stack.preview.evaluate import render
from mcp_stack.preview.project import load_project
from mcp_stack.preview.rendered import KubeObject

from .page import Row, page
from .pages import objects
from .verdict import Verdict, verdict

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"

PAIRS = {
    "000": ("a proxy beside a server", "standalone-proxy"),
    "001": ("the quick start", "quick-start"),
    "002": ("an agent", None),
    "003": ("two environments", "environments"),
    "004": ("servers in containers and elsewhere", "container-and-remote"),
}
"""Each seed: what its page deploys, and the example of the same here."""


def main(directory: Path) -> int:
    """Exit code: 0 written, 2 no pages to read."""
    pages = {path.name.partition("_")[0]: path for path in sorted(directory.glob("*.txt"))}
    if not PAIRS.keys() <= pages.keys():
        print(f"{directory}: the pages of seeds {', '.join(sorted(PAIRS))} are needed", file=sys.stderr)
        return 2
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="mcp-stack-judges-") as name:
        for seed, (what, example) in PAIRS.items():
            shown = objects(pages[seed])
            directory = Path(name, f"seed-{seed}")
            theirs = verdict([KubeObject(item) for item in shown], directory, None) if shown else None
            rows.append(Row(seed, what, None, theirs))
            rows += [Row(seed, what, stack, one) for stack, one in _ours(example, Path(name))] if example else []
    (ROOT / "docs" / "judges.md").write_text(page(rows), encoding="utf-8")
    return 0


def _ours(example: str, directory: Path) -> list[tuple[str, Verdict]]:
    project = load_project(ROOT / "examples" / example)
    found: list[tuple[str, Verdict]] = []
    for path in sorted(project.directory.glob("Pulumi.*.yaml")):
        stack = path.name.split(".")[1]
        spec = spec_of(project, stack)
        assert spec is not None, path
        objects = render(project.directory, stack).objects
        found.append((f"examples/{example}, {stack}", verdict(objects, directory / f"{example}-{stack}", declared_by(spec))))
    return found


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else SEEDS))
