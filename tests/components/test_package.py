import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

import mcp_stack
from mcp_stack.package import COMPONENTS, NAME, schema

ROOT = Path(__file__).parents[2] / "components"


@pytest.fixture(scope="module")
def package():
    return json.loads(schema())


@pytest.mark.parity("stack.package")
def test_the_committed_schema_is_what_programs_get():
    committed = (ROOT / "schema.json").read_text(encoding="utf-8")
    assert committed == schema(), (
        "the package's interface changed: run `python -m mcp_stack.package` in components/ and say it in the changelog"
    )


def test_every_component_is_offered_under_its_token(package):
    assert set(package["resources"]) == {f"{NAME}:index:{one.__name__}" for one in COMPONENTS}
    assert package["version"] == mcp_stack.__version__


def test_every_argument_and_output_explains_itself(package):
    silent = [
        f"{name}.{key}"
        for name, one in (*package["resources"].items(), *package["types"].items())
        for part in ("inputProperties", "properties")
        for key, prop in one.get(part, {}).items()
        if not prop.get("description")
    ]
    assert silent == []


def test_the_page_of_composition_lists_every_output(package):
    """`McpProxy` has those of the line before, too."""
    page = (ROOT.parent / "docs" / "composition.md").read_text(encoding="utf-8")
    table = page.partition("| component | outputs |")[2].partition("\n\n")[0].splitlines()[2:]
    told: dict[str, set[str]] = {}
    for row in table:
        names, outputs = (set(re.findall(r"`(\w+)`", cell)) for cell in row.strip("|").split("|"))
        told |= dict.fromkeys(names, outputs - {"sidecar"})
    told["McpProxy"] |= told["McpServer"]
    real = {token.rpartition(":")[2]: set(one["properties"]) for token, one in package["resources"].items()}
    assert {name: {re.sub("_(.)", lambda one: one[1].upper(), key) for key in keys} for name, keys in told.items()} == real


def test_the_version_is_the_distributions():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == mcp_stack.__version__


def test_the_manifest_of_the_plugin_names_python_and_a_virtual_environment():
    manifest = yaml.safe_load((ROOT / "PulumiPlugin.yaml").read_text(encoding="utf-8"))
    assert manifest == {"runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}}
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert {line.split(">=")[0].split("==")[0] for line in requirements} == {"pulumi", "pulumi-kubernetes", "pydantic", "pyyaml"}
