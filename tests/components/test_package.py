import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from pulumi.provider.experimental import component
from pulumi.provider.experimental.analyzer import Analyzer

import mcp_stack
from mcp_stack.package import COMPONENTS, NAME, Package, schema

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


def test_a_host_makes_a_schema_when_somebody_asks_for_one():
    host = Package()
    assert "schema" not in vars(host)
    assert host.schema == host.schema != ""
    assert component.Analyzer is Analyzer


def bare(value):
    """Definitions as data, without texts and without the classes that they were read from."""
    if hasattr(value, "__dataclass_fields__"):
        return {key: bare(inner) for key, inner in vars(value).items() if key not in ("description", "python_type")}
    if isinstance(value, dict):
        return {key: bare(inner) for key, inner in value.items()}
    return value


def test_values_are_read_as_by_pulumis_own_analyser():
    """The host leaves out texts, and reads each type once."""
    ours, theirs = Package(), component.ComponentProvider(COMPONENTS, NAME)
    assert bare(ours._component_defs) == bare(theirs._component_defs)
    assert bare(ours._type_defs) == bare(theirs._type_defs)
    assert ours._external_enum_types == theirs._external_enum_types


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
