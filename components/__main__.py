"""Host of the component package: Pulumi programs in any language construct the components through it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(path) for path in (ROOT, ROOT.parent / "proxy") if path.is_dir()]


def main() -> None:
    """Serve until the engine is done."""
    from mcp_stack import collector

    collector.rest()
    from pulumi.provider import main as serve

    from mcp_stack.package import Package

    serve(Package(), sys.argv[1:])


if __name__ == "__main__":
    main()
