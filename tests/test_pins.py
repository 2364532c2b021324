"""What is installed is what was reviewed: pinned, hashed, from whatever index the reader uses, and explained."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INPUTS = sorted((ROOT / "requirements").glob("*.in"))
PINNED = sorted((ROOT / "requirements").glob("*.txt"))
LOCKS = [ROOT / "tools" / "package-lock.json", ROOT / "tools" / "pulumi-node" / "package-lock.json"]
NAME = re.compile(r"^([a-zA-Z0-9][a-zA-Z0-9._-]*)", re.MULTILINE)


def wanted(path):
    return {match[1].lower() for match in NAME.finditer(path.read_text())}


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_everything_that_is_wanted_is_pinned(path):
    assert wanted(path) <= wanted(path.with_suffix(".txt"))


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.stem)
def test_every_pin_has_a_version_and_hashes(path):
    entries = [line for line in re.sub(r"\\\n\s*", "", path.read_text()).splitlines() if line and not line.lstrip().startswith("#")]
    assert entries
    assert [line for line in entries if not re.match(r"[\w.-]+(\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


@pytest.mark.parametrize("path", [*INPUTS, *PINNED, *LOCKS], ids=lambda path: f"{path.parent.name}-{path.name}")
def test_no_pin_says_where_it_came_from(path):
    text = path.read_text()
    assert (
        re.findall(
            r'--(?:extra-)?index-url|--find-links|^-[if] |"resolved"|registry\.|://[^"\s]*(?:simple|pypi)', text, re.MULTILINE
        )
        == []
    )


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.parent.name)
def test_every_package_of_a_lock_has_a_digest(path):
    packages = {name: entry for name, entry in json.loads(path.read_text())["packages"].items() if name}
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_every_dependency_is_explained(path):
    explained = (ROOT / "docs" / "dependencies.md").read_text()
    silent = {"click", "uv-dynamic-versioning"}  # what the fixture's own build file asks for
    assert {name for name in wanted(path) - silent if name not in explained} == set()


def test_the_versions_of_the_three_distributions_are_one():
    texts = [(ROOT / part / "pyproject.toml").read_text() for part in ("components", "proxy", "policy")]
    versions = {re.search(r'^version = "(.+)"', text, re.MULTILINE)[1] for text in texts}
    (version,) = versions
    assert f"mcp-stack-proxy=={version}" in texts[0]
    assert f"mcp-stack-policy=={version}" in texts[0]
    assert f"version: {version}\n" in (ROOT / "policy" / "PulumiPolicy.yaml").read_text()
