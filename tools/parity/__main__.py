"""`python -m tools.parity`: counts and disagreements; with `--write`, the ledger and its page follow the marks."""

import sys
from pathlib import Path

from .ledger import counts, parse, problems, rewrite, titles
from .marks import scan
from .page import page

ROOT = Path(__file__).parents[2]
LEDGER = ROOT / "tests" / "parity" / "parity.yaml"
PAGE = ROOT / "docs" / "parity.md"


def main() -> int:
    """0 where ledger and marks agree."""
    found = scan(ROOT)
    text = LEDGER.read_text(encoding="utf-8")
    if "--write" in sys.argv[1:]:
        text = rewrite(text, found.marks)
        LEDGER.write_text(text, encoding="utf-8")
        PAGE.write_text(page(parse(text), titles(text)), encoding="utf-8")
    entries = parse(text)
    for area, (shown, total) in counts(entries).items():
        print(f"{area:10} {shown:3} of {total}")
    disagreements = problems(entries, found)
    for line in disagreements:
        print(line, file=sys.stderr)
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
