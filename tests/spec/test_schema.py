from pathlib import Path

import jsonschema
import pytest
import yaml

from mcp_stack.spec import stack_file_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def validator():
    schema = stack_file_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("stack", ["local", "staging", "production"])
def test_the_shipped_stack_files_are_valid(validator, stack):
    document = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    assert list(validator.iter_errors(document)) == []


@pytest.mark.parametrize(
    "server",
    [{"prot": 1}, {"port": 0}, {"env": {"A": 1}}, {"env": {"A": {"secret": "a", "b": 1}}}, {"probes": {"live": {}}}],
)
def test_an_editor_marks_mistakes(validator, server):
    document = {"config": {"mcp-stack:stack": {"servers": {"a": {"command": ["x"], **server}}}}}
    assert len(list(validator.iter_errors(document))) == 1


def test_every_key_explains_itself(validator):
    definitions = validator.schema["$defs"]
    for name, definition in definitions.items():
        for key, field in definition.get("properties", {}).items():
            referred = definitions[field["$ref"].rpartition("/")[2]] if "$ref" in field else {}
            assert field.get("description") or referred.get("description"), f"{name}.{key} has no description"


def test_other_configuration_may_stand_beside_the_stack(validator):
    document = {"encryptionsalt": "x", "config": {"mcp-stack:stack": {}, "mcp-stack:token": {"secure": "x"}, "aws:region": "eu"}}
    assert list(validator.iter_errors(document)) == []
