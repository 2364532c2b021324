"""Host of the component package: Pulumi programs in any language construct the components through it."""

import gc
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(path) for path in (ROOT, ROOT.parent / "proxy") if path.is_dir()]


def main() -> None:
    """Serve until the engine is done."""
    gc.set_threshold(50_000, 20, 20)  # nearly all that is imported and made here is kept until then
    from pulumi.provider import main as serve

    from mcp_stack.package import Package

    serve(Package(), sys.argv[1:])


if __name__ == "__main__":
    main()
