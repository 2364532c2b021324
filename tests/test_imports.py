"""A line of code knows its room: which room may import what, and that a breach is seen."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TREES = {
    "mcp_stack": ROOT / "components" / "mcp_stack",
    "mcp_stack_proxy": ROOT / "proxy" / "mcp_stack_proxy",
    "mcp_stack_policy": ROOT / "policy" / "mcp_stack_policy",
}

MAX_LINES = 600
WRITTEN_BY = "Written by `python -m mcp_stack.spec.arguments`" + ";"
NAMELESS = {"util", "utils", "helper", "helpers", "common", "misc", "shared", "stuff"}
DOORS = {
    "asyncio",
    "socket",
    "ssl",
    "select",
    "selectors",
    "socketserver",
    "subprocess",
    "multiprocessing",
    "http",
    "urllib.request",
}
"""Standard modules through which something outside the process is reached."""
FILES = {"os", "io", "pathlib.Path", "shutil", "tempfile", "glob"}
SCHEMA = {"pydantic", "pydantic_core", "yaml"}
PULUMI = {"pulumi", "pulumi_kubernetes"}


@dataclass(frozen=True)
class Room:
    """`rooms`: what it may import from our own packages, itself aside. `packages`: what from others; None = anything declared."""

    rooms: frozenset[str]
    packages: frozenset[str] | None = None
    not_stdlib: frozenset[str] = frozenset()


def room(*rooms, packages=None, not_stdlib=()):
    return Room(frozenset(rooms), None if packages is None else frozenset(packages), frozenset(not_stdlib))


CONFIG, ERRORS = "mcp_stack_proxy.config", "mcp_stack_proxy.errors"
WIRE, UPSTREAM, CATALOG = "mcp_stack_proxy.wire", "mcp_stack_proxy.upstream", "mcp_stack_proxy.catalog"
GUARD, OBSERVE, SERVE = "mcp_stack_proxy.guard", "mcp_stack_proxy.observe", "mcp_stack_proxy.serve"
IDENTITY, BACKUP = "mcp_stack_proxy.identity", "mcp_stack_proxy.backup"
SPEC, MANIFESTS, COMPONENTS = "mcp_stack.spec", "mcp_stack.manifests", "mcp_stack"
PREVIEW, LOCAL, POLICY = "mcp_stack.preview", "mcp_stack.local", "mcp_stack_policy"
IMPORTING = "mcp_stack.importing"
VERIFYING = "mcp_stack.verifying"
CLUSTER, PROGRAM = "mcp_stack.cluster", "mcp_stack.program"

ROOMS = {
    "mcp_stack_proxy": room(packages=()),
    CONFIG: room(packages=SCHEMA, not_stdlib=DOORS),
    ERRORS: room(packages=()),
    WIRE: room(ERRORS, packages={"msgspec", "cryptography"}, not_stdlib=DOORS | FILES),
    UPSTREAM: room(CONFIG, ERRORS, WIRE, packages={"msgspec", "httptools"}),
    CATALOG: room(CONFIG, ERRORS, WIRE, UPSTREAM, packages={"msgspec"}, not_stdlib=DOORS - {"asyncio"}),
    GUARD: room(
        CONFIG,
        ERRORS,
        WIRE,
        UPSTREAM,
        CATALOG,
        packages={"msgspec", "jsonschema_rs"},
        not_stdlib=(DOORS | FILES) - {"asyncio"},
    ),
    OBSERVE: room(CONFIG, ERRORS, WIRE, UPSTREAM, CATALOG, packages={"msgspec"}),
    IDENTITY: room(CONFIG, packages=(), not_stdlib=DOORS - {"asyncio"}),
    SERVE: room(CONFIG, ERRORS, IDENTITY, WIRE, UPSTREAM, CATALOG, GUARD, OBSERVE, packages={"msgspec", "httptools", "uvloop"}),
    BACKUP: room(CONFIG, packages={"pydantic", "boto3", "botocore"}, not_stdlib=DOORS - {"socket"}),
    "mcp_stack_proxy.cli": room(BACKUP, CONFIG, ERRORS, OBSERVE, SERVE, packages=()),
    SPEC: room(CONFIG, packages=SCHEMA, not_stdlib=DOORS),
    MANIFESTS: room(CONFIG, SPEC, packages={"yaml"}, not_stdlib=DOORS | FILES),
    IMPORTING: room(CONFIG, SPEC, packages={"yaml"}, not_stdlib=(DOORS | FILES) - {"urllib.parse"}),
    COMPONENTS: room(CONFIG, SPEC, MANIFESTS, packages=PULUMI, not_stdlib=DOORS),
    POLICY: room(packages={"yaml"}, not_stdlib=DOORS | FILES),
    PREVIEW: room(CONFIG, SPEC, MANIFESTS, COMPONENTS, POLICY),
    LOCAL: room(CONFIG, SPEC, MANIFESTS, COMPONENTS, PREVIEW),
    CLUSTER: room(CONFIG, SPEC, MANIFESTS, COMPONENTS, PREVIEW, packages={"pulumi", "httpx2", "lightkube", "yaml"}),
    VERIFYING: room(CONFIG, SPEC, PREVIEW, LOCAL, packages={"httpx2"}),
    PROGRAM: room(COMPONENTS, CLUSTER, packages=PULUMI, not_stdlib=DOORS),
    "mcp_stack.cli": room(CONFIG, SPEC, MANIFESTS, COMPONENTS, PREVIEW, LOCAL, IMPORTING, CLUSTER, VERIFYING),
}
"""`mcp_stack` is the room of the components (`stack.py`, `server.py`, ...): one file each, straight below the package.
No room lists a `cli` or `serve` but `cli` itself, so nothing imports them; no room of `mcp_stack` lists more of the proxy than
its configuration."""


def room_of(module):
    """The room that `module` belongs to: the longest listed name that it starts with."""
    return max((name for name in ROOMS if f"{module}.".startswith(f"{name}.")), key=len, default=None)


def imported(module, is_package, source):
    """(line, module name) of every import, those inside functions and `if TYPE_CHECKING` included."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *filter(None, [node.module])] if node.level else [node.module]
            yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)


def breaches(module, is_package, source):
    """One line for each import that `module`'s room does not allow."""
    home = room_of(module)
    if home is None:
        return [f"{module} belongs to no room; give it one in tests/test_imports.py"]
    rule, found = ROOMS[home], []
    for line, name in imported(module, is_package, source):
        top = name.partition(".")[0]
        if top in TREES:
            target = room_of(name)
            if name.endswith(".__version__"):
                continue  # a constant of the package, known everywhere
            if target != home and target not in rule.rooms:
                found.append(f"{module}:{line}: {home} must not import {name}")
        elif top in sys.stdlib_module_names:
            if any(f"{name}.".startswith(f"{door}.") for door in rule.not_stdlib):
                found.append(f"{module}:{line}: {home} must not import {name}")
        elif rule.packages is not None and top not in rule.packages:
            found.append(f"{module}:{line}: {home} must not import {name}")
    if module.startswith("mcp_stack.") and "from __future__ import annotations" in source:
        found.append(f"{module}: the component analyser reads real types; drop `from __future__ import annotations`")
    return found


def modules():
    for package, directory in TREES.items():
        for path in sorted(directory.rglob("*.py")):
            parts = path.relative_to(directory).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            yield ".".join([package, *(parts[:-1] if is_package else parts)]), is_package, path


def test_every_module_keeps_to_its_room():
    found = [line for module, is_package, path in modules() for line in breaches(module, is_package, path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("mcp_stack_proxy.wire.sse", "import asyncio"),
        ("mcp_stack_proxy.wire.sse", "from socket import socket"),
        ("mcp_stack_proxy.wire.sse", "def f():\n    import ssl"),
        ("mcp_stack_proxy.wire.sse", "import uvicorn"),
        ("mcp_stack_proxy.wire.sse", "from ..upstream import peer"),
        ("mcp_stack_proxy.config.model", "import msgspec"),
        ("mcp_stack_proxy.config.model", "from ..errors import ProxyError"),
        ("mcp_stack_proxy.config.model", "from urllib import request"),
        ("mcp_stack_proxy.upstream.peer", "from ..serve import app"),
        ("mcp_stack_proxy.upstream.peer", "from mcp_stack_proxy import cli"),
        ("mcp_stack_proxy.catalog.merge", "from ..serve.app import application"),
        ("mcp_stack_proxy.serve.app", "from ..cli import main"),
        ("mcp_stack_proxy.serve.app", "import mcp_stack"),
        ("mcp_stack_proxy.serve.app", "from ..backup.taking import take"),
        ("mcp_stack_proxy.backup.taking", "from ..serve.app import application"),
        ("mcp_stack_proxy.backup.taking", "from ..wire import envelope"),
        ("mcp_stack.spec.server", "import pulumi"),
        ("mcp_stack.spec.server", "from ..manifests import deployment"),
        ("mcp_stack.manifests.deployment", "from pulumi_kubernetes.apps.v1 import Deployment"),
        ("mcp_stack.manifests.deployment", "from pathlib import Path"),
        ("mcp_stack.server", "from mcp_stack_proxy.serve import app"),
        ("mcp_stack.server", "import mcp_stack_proxy.wire"),
        ("mcp_stack.server", "from .preview import render"),
        ("mcp_stack.server", "from __future__ import annotations"),
        ("mcp_stack.preview.render", "from ..cli import main"),
        ("mcp_stack.preview.checking", "from ..cluster.api import connect"),
        ("mcp_stack.server", "from .cluster.preflight import require"),
        ("mcp_stack.cluster.api", "import kubernetes"),
        ("mcp_stack.local.run", "from mcp_stack_proxy.errors import ProxyError"),
        ("mcp_stack_policy.images", "import pulumi_policy"),
        ("mcp_stack_policy.images", "from mcp_stack.spec import StackSpec"),
        ("mcp_stack.stack", "import mcp_stack_policy"),
    ],
)
def test_a_planted_breach_is_seen(module, source):
    assert len(breaches(module, False, source)) == 1


@pytest.mark.parametrize(
    ("module", "is_package", "source"),
    [
        ("mcp_stack_proxy.config", True, "from .model import ProxyConfig\nimport yaml"),
        ("mcp_stack_proxy.wire.sse", False, "from ..errors import UpstreamError\nimport msgspec\nfrom urllib.parse import quote"),
        ("mcp_stack.spec.server", False, "from mcp_stack_proxy.config import Strict"),
        ("mcp_stack.server", False, "import pulumi_kubernetes as k8s\nfrom .manifests.deployment import deployment"),
        ("mcp_stack.cli", False, "from .preview.render import render\nimport pulumi"),
    ],
)
def test_what_a_room_is_for_is_allowed(module, is_package, source):
    assert breaches(module, is_package, source) == []


@pytest.mark.parametrize("module", ["mcp_stack_proxy.unheard.of"])
def test_a_room_that_nobody_has_described_is_refused(module):
    assert room_of(module) == "mcp_stack_proxy"
    assert breaches(module, False, "import msgspec") != []


def test_files_are_named_for_what_they_hold_and_stay_short():
    trees = ("components", "proxy", "policy", "tests", "tools", "benchmarks", "examples")
    paths = [path for tree in trees for path in sources(ROOT / tree)]
    assert [str(path) for path in paths if path.stem in NAMELESS or path.parent.name in NAMELESS] == []
    read = {path: path.read_text() for path in paths}
    written = {path: text for path, text in read.items() if WRITTEN_BY not in text}  # a generated file is nobody's to read whole
    assert [str(path) for path, text in written.items() if len(text.splitlines()) > MAX_LINES] == []


def sources(tree):
    return [path for path in tree.rglob("*.py") if "node_modules" not in path.parts]


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("mcp_stack_proxy.config", {"uvicorn", "uvloop", "httptools", "msgspec", "pulumi", "asyncio"}),
        ("mcp_stack_proxy.wire", {"uvicorn", "uvloop", "httptools", "pydantic", "asyncio"}),
    ],
)
def test_importing_a_room_brings_nothing_heavy_along(module, absent):
    """With every module of the room, in a fresh interpreter: what a product team's program pays for."""
    code = (
        "import importlib, pkgutil, sys\n"
        f"package = importlib.import_module({module!r})\n"
        "for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'): importlib.import_module(found.name)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert absent.isdisjoint(done.stdout.split())
