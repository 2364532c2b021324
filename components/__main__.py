"""Host of the component package: Pulumi programs in any language construct the components through it."""

import sys
from pathlib import Path

from pulumi.provider.experimental import component_provider_host

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(path) for path in (ROOT, ROOT.parent / "proxy") if path.is_dir()]


def main() -> None:
    """Serve until the engine is done."""
    from mcp_stack import __version__
    from mcp_stack.package import COMPONENTS, NAME

    component_provider_host(name=NAME, components=COMPONENTS, version=__version__)


if __name__ == "__main__":
    main()
