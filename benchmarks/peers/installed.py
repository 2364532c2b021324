"""A peer in a directory of its own: by its pinned version, from whatever index this machine uses."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..stacks import ROOT
from ..targets import BIN

CACHE = ROOT / ".cache" / "peers"
_SECONDS = 900


class NotInstalled(Exception):
    """Why a peer is not there."""


@dataclass(frozen=True, slots=True)
class Package:
    """`pypi` or `npm`. `overrides`: requirements that replace what the package asks for, where an index lags behind."""

    index: str
    name: str
    version: str
    python: str = "3.11"
    overrides: tuple[str, ...] = ()

    @property
    def directory(self) -> Path:
        return CACHE / f"{self.name}-{self.version}"

    @property
    def programs(self) -> Path:
        return self.directory / ("bin" if self.index == "pypi" else "node_modules/.bin")


def install(package: Package) -> None:
    """Does nothing where it is there; NotInstalled with the last line of the installer where it fails."""
    stamp = package.directory / ".installed"
    if stamp.exists():
        return
    shutil.rmtree(package.directory, ignore_errors=True)
    package.directory.mkdir(parents=True)
    print(f"  installing {package.name} {package.version}", flush=True)
    for command in _pypi(package) if package.index == "pypi" else _npm(package):
        _run(command, package.directory)
    stamp.touch()


def _pypi(package: Package) -> list[list[str | Path]]:
    uv, directory = BIN / "uv", package.directory
    overrides = directory / "overrides.txt"
    overrides.write_text("\n".join(package.overrides))
    pinned = f"{package.name}=={package.version}"
    base = _interpreter(package.python)
    python = directory / "bin" / "python"
    return [
        [uv, "venv", "--quiet", "--allow-existing", "--python", base, directory],
        [uv, "pip", "install", "--quiet", "--python", python, "--override", overrides, pinned],
    ]


def _interpreter(version: str) -> str:
    """A Python of this version that runs: the system's, which is an optimised build, as ours is then (see `interpreter`), or one
    on PATH, or one of pyenv's, whose shims there need not work; else uv looks for one."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which(f"python{version}", path="/usr/bin"), shutil.which(f"python{version}")]
    for candidate in [*filter(None, found), *sorted(map(str, pyenv.glob(f"{version}.*/bin/python")))]:
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False, timeout=30).returncode == 0:
            return candidate
    return version


def _npm(package: Package) -> list[list[str | Path]]:
    (package.directory / "package.json").write_text('{"private": true}')
    return [[BIN / "npm", "install", "--silent", "--no-audit", "--no-fund", f"{package.name}@{package.version}"]]


def _run(command: list[str | Path], directory: Path) -> None:
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from None
    if done.returncode:
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        told = next((line for line in said if line.startswith("error:")), said[-1] if said else "")
        raise NotInstalled(f"not installed: {told or f'{Path(command[0]).name} ended with {done.returncode}'}")
