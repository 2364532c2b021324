"""`python -m tools.image [--check]`: builds the image; with `--check` twice, exit 1 unless both are one and the same."""

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from .building import BASE, BUILDERS, Build, flags_of

ROOT = Path(__file__).parents[2]


def main(argv: Sequence[str]) -> int:
    """Exit code: 0 built, 1 not the same twice, 2 not built."""
    parser = argparse.ArgumentParser(prog="python -m tools.image", description=__doc__)
    parser.add_argument("--base", default=BASE, help=f"image with Python and Debian's tools (default: {BASE})")
    parser.add_argument("--tag", help="name of the image (default: mcp-stack-proxy:VERSION)")
    parser.add_argument("--builder", choices=BUILDERS, help="default: the first of them that is installed")
    parser.add_argument("--check", action="store_true", help="build it twice and compare")
    parser.add_argument("--cached", action="store_true", help="take over unchanged steps of an earlier build, such as pip's")
    options = parser.parse_args(argv)
    if options.check and options.cached:
        parser.error("--check compares builds from nothing; it goes without --cached")
    builder = options.builder or next((name for name in BUILDERS if shutil.which(name)), None)
    if builder is None:
        print(f"make image needs one of {', '.join(BUILDERS)}, and none is installed", file=sys.stderr)
        return 2
    version = tomllib.loads((ROOT / "proxy" / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    build = Build(
        base=options.base,
        tag=options.tag or f"mcp-stack-proxy:{version}",
        version=version,
        revision=_revision(),
        epoch=int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct") or 0),
        builder=builder,
        flags=flags_of(builder, os.environ),
        cached=options.cached,
    )
    first = _built(build)
    if first is None:
        return 2
    print(f"{build.tag}: {first}")
    if not options.check:
        return 0
    second = _built(build)
    if first != second:
        print(f"built again from the same sources it is another image: {second}", file=sys.stderr)
        return 1
    print("built twice, one and the same image")
    return 0


def _built(build: Build) -> str | None:
    """Identity of the image, or None where the builder failed, which has said why."""
    if subprocess.run(build.command(), cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode:
        return None
    return subprocess.run(build.identity(), check=True, capture_output=True, text=True).stdout.strip()


def _revision() -> str:
    """Commit that the image is built from; `-dirty` where the sources are not as committed."""
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return "unknown"
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "proxy", "requirements", "tools/image")
    return f"{commit}-dirty" if changed else commit


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
