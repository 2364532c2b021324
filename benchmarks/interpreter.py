"""Which build of Python runs the proxy: an optimised one, as images and distributions have, where there is one."""

import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import mcp_stack_proxy

_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
_ABI = "import sysconfig; print(sysconfig.get_config_var('SOABI'))"


@cache
def python() -> str:
    """The program. Its own build is what this one is, unless that was made without profile-guided optimisation (PGO), which costs a
    seventh, and the system has one of the same ABI: distributions optimise theirs."""
    if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or ""):
        return sys.executable
    other = shutil.which(f"python{_VERSION}", path="/usr/bin")
    if other is None:
        return sys.executable
    abi = subprocess.run([other, "-c", _ABI], capture_output=True, text=True, check=False).stdout.strip()
    return other if abi == sysconfig.get_config_var("SOABI") else sys.executable


def environment() -> dict[str, str]:
    """In which that program finds what this one has."""
    places = [sysconfig.get_path("purelib"), str(Path(mcp_stack_proxy.__file__).parent.parent)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places)}


def build() -> str:
    """Version and origin, for whoever compares two runs."""
    version = subprocess.run([python(), "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    if python() != sys.executable:
        return f"Python {version} (the system's build)"
    optimised = "PGO" if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "") else "no PGO"
    return f"Python {version} ({optimised})"
