"""What examples and documentation show in other languages is what the component package takes."""

import re
from pathlib import Path

import pytest
import yaml

from mcp_stack import names
from tests.components.engine_side import unknown

ROOT = Path(__file__).parents[2]


def evaluated(value):
    """Properties of a program in YAML as the engine sends them in a preview: what it would compute is unknown."""
    if isinstance(value, dict):
        return {key: evaluated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [evaluated(inner) for inner in value]
    return unknown() if isinstance(value, str) and value.startswith("${") else value


def in_yaml():
    program = yaml.safe_load((ROOT / "examples/in-yaml/Pulumi.yaml").read_text(encoding="utf-8"))
    found = program["resources"].items()
    return [(name, one) for name, one in found if one["type"].startswith("mcp-stack:")]


def literal(language):
    """What the documentation gives a component in another language, whose literals YAML can read, too."""
    page = (ROOT / "docs/composition.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return code


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize(("name", "resource"), in_yaml(), ids=lambda one: one if isinstance(one, str) else "")
def test_the_example_in_yaml_is_what_the_package_takes(construct, name, resource):
    state, objects = construct(resource["type"].rpartition(":")[2], name, evaluated(resource["properties"]))
    assert state["objectName"] == names.object_name("edge", name)
    assert objects["Deployment"]["metadata"]["namespace"] == "mcp-edge"


@pytest.mark.parity("stack.package")
def test_the_snippet_in_typescript_is_what_the_package_takes(construct):
    code = literal("ts")
    (component, name, given) = re.search(r'new mcp\.(\w+)\("(\w+)", (\{.*\})\);', code, re.DOTALL).groups()
    properties = yaml.safe_load(given)
    assert properties["servers"]["notes"]["url"] == "url", "the constant"
    properties["servers"]["notes"]["url"] = unknown()
    state, _ = construct(component, name, properties)
    assert state["url"] == names.gateway_url("edge")


@pytest.mark.parity("stack.package")
def test_the_snippet_in_go_is_what_the_package_takes(construct):
    (component, given) = re.search(r"mcpstack\.New(\w+)\(.*?Args\{[^\n]*\n(.*)\}\)", literal("go"), re.DOTALL).groups()
    given = re.sub(r"pulumi\.String\((\"[^\"]*\")\)", r"\1", given)
    properties = yaml.safe_load("{" + given.replace("map[string]string", "").strip().rstrip(",") + "}")
    state, _ = construct(component, "web", {key[0].lower() + key[1:]: value for key, value in properties.items()})
    assert state["budgetName"] == "web"
