"""Programs of other languages, built with the SDK that Pulumi's own generator writes of the package's schema (tools/pulumi-sdk)."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.judges.stacks import EXAMPLES, ROOT

GENERATOR, SCHEMA = ROOT / "tools" / "pulumi-sdk", ROOT / "components" / "schema.json"
BUILD_SECONDS = 900

GO_PROGRAM = ROOT / "tests" / "e2e" / "go"
GO_SDK = "example.com/pulumi-mcp-stack/sdk/go"
"""Path of the generated module."""

PACKAGES = ROOT / "tools" / "pulumi-node" / "node_modules"
COMPILER, COMPILER_OF_SDKS = PACKAGES / "typescript", PACKAGES / "typescript-of-sdks"
"""That of programs, and the older one that a generated SDK asks for."""

NODE = Path(sys.executable).parent / "node"
TYPESCRIPT = ROOT / "tests" / "e2e" / "typescript"
EXAMPLE = EXAMPLES / "in-typescript"
COMPOSITION, SNIPPET = ROOT / "docs" / "composition.md", "composition.ts"
BUILT = ROOT / ".cache" / "pulumi-node"
DIAGNOSTIC = re.compile(r"^(\w+\.ts)\((\d+),\d+\): error (TS\d+: .*)$")


def missing_go() -> str | None:
    """Why no SDK can be had here."""
    return None if shutil.which("go") else "no go on PATH"


def missing_node() -> str | None:
    """Why nothing in TypeScript can be built here."""
    if not NODE.is_file():
        return f"no node: {NODE} is of requirements/dev.txt"
    return missing_go() or (None if (PACKAGES / ".installed").is_file() else f"{PACKAGES} is not installed: make e2e does it")


def run(directory: Path, *command: str | Path, environment: Mapping[str, str] | None = None) -> None:
    """Has a command succeed in `directory`."""
    given = {**os.environ, **(environment or {})}
    done = subprocess.run(command, cwd=directory, env=given, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def generate(language: str, place: Path) -> None:
    """Writes the SDK into `place`. What is built has no names of directories in it, so that a second build finds its parts."""
    run(GENERATOR, "go", "run", "-trimpath", ".", language, SCHEMA, place)


def go_program(place: Path) -> list[str]:
    """The command of the program in Go, which is built in `place`."""
    sdk = place / "sdk"
    generate("go", sdk)
    pins = (GENERATOR / "go.mod").read_text("utf-8").partition("\n")[2]
    (sdk / "go.mod").write_text(f"module {GO_SDK}\n{pins}", "utf-8")
    (place / "go.mod").write_text(f"module program\n{pins}\nrequire {GO_SDK} v0.0.0\n\nreplace {GO_SDK} => ./sdk\n", "utf-8")
    for directory in (sdk, place):
        shutil.copy(GENERATOR / "go.sum", directory)
    shutil.copy(GO_PROGRAM / "main.go", place)
    run(place, "go", "build", "-trimpath", "-o", "program", ".")
    return [str(place / "program")]


def node_sdk() -> Path:
    """Directory in which programs find the SDK for Node, compiled as its own script does it after `npm install`; it is kept."""
    sources = [SCHEMA, GENERATOR / "main.go", GENERATOR / "go.sum", PACKAGES.parent / "package-lock.json"]
    place = BUILT / hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    if not (place / "built").is_file():
        shutil.rmtree(BUILT, ignore_errors=True)
        generate("nodejs", place / "sdk")
    links = {
        "commands/tsc": COMPILER_OF_SDKS / "bin" / "tsc",
        "node_modules/@types": PACKAGES / "@types",
        "node_modules/@pulumi/pulumi": PACKAGES / "@pulumi" / "pulumi",
        "node_modules/@pulumi/mcp-stack": place / "sdk",
    }
    for name, target in links.items():
        link = place / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    if not (place / "built").is_file():
        path = os.pathsep.join((str(place / "commands"), str(NODE.parent), os.environ["PATH"]))
        run(place / "sdk", NODE, "scripts/postinstall.js", environment={"PATH": path})
        (place / "built").touch()
    return place


@dataclass(frozen=True)
class Compiled:
    """What a strict compiler made of programs, and what it says of which line of which, counted from 1."""

    directory: Path
    errors: Mapping[str, Mapping[int, str]]

    def command(self, program: str) -> list[str]:
        """What runs a program by the Automation API; `preview`, `up` or `destroy` is added."""
        return [str(NODE), str(self.directory / "bin" / "main.js"), str(self.directory / "bin" / f"{program}.js")]


@cache
def typescript() -> Compiled:
    """The example, the snippet of the documentation and the tests' own programs, by the settings of the example."""
    place = node_sdk() / "program"
    place.mkdir(exist_ok=True)
    (snippet,) = re.findall(r"^```ts\n(.*?)^```", COMPOSITION.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    texts = {path.name: path.read_text("utf-8") for path in (EXAMPLE / "index.ts", *TYPESCRIPT.glob("*.ts"))} | {SNIPPET: snippet}
    for name, text in texts.items():
        (place / name).write_text(text, "utf-8")
    shutil.copy(EXAMPLE / "tsconfig.json", place)
    (place / "tsconfig.test.json").write_text(_settings(sorted(texts)), "utf-8")
    command = [NODE, COMPILER / "bin" / "tsc", "--project", "tsconfig.test.json", "--pretty", "false"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    errors: dict[str, dict[int, str]] = {name: {} for name in texts}
    for match, said in _diagnostics(done.stdout + done.stderr):
        errors[match[1]][int(match[2])] = said
    return Compiled(place, errors)


def shown_by_an_editor() -> Mapping[str, Mapping[str, Any]]:
    """What it shows of each key of the package: `doc`, `type`, `optional` and the `values` to choose from."""
    compiled, script = typescript(), TYPESCRIPT / "editor.cjs"
    kept = compiled.directory / f"editor-{hashlib.sha256(script.read_bytes()).hexdigest()[:16]}.json"
    if not kept.is_file():
        run(compiled.directory, NODE, script, COMPILER, "index.ts", kept)
    return json.loads(kept.read_text("utf-8"))


def _settings(sources: list[str]) -> str:
    return json.dumps({"extends": "./tsconfig.json", "compilerOptions": {"incremental": True}, "files": sources})


def _diagnostics(said: str) -> Iterable[tuple[re.Match[str], str]]:
    """Each error with the lines that explain it; anything else that a compiler says has to be known."""
    found: list[tuple[re.Match[str], str]] = []
    for line in said.splitlines():
        match = DIAGNOSTIC.match(line)
        assert match or (found and line.startswith(" ")), said
        found = [*found, (match, match[3])] if match else [*found[:-1], (found[-1][0], f"{found[-1][1]} {line.strip()}")]
    return found
