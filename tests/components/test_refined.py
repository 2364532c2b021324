"""The package's schema says what the models know and Pulumi's analyser can't read of Python."""

import json
import re

import pytest
from pulumi.runtime.proto import provider_pb2

from mcp_stack.package import schema
from mcp_stack.spec import StackFile
from mcp_stack.spec.refined import variables_of

PACKAGE = json.loads(schema())
COMPONENTS = {token.rpartition(":")[2]: one for token, one in PACKAGE["resources"].items()}
TYPES = {token.rpartition(":")[2]: one for token, one in PACKAGE["types"].items()}
PARTS = {
    **{f"{name} in": one["inputProperties"] for name, one in COMPONENTS.items()},
    **{f"{name} out": one["properties"] for name, one in COMPONENTS.items()},
    **{name: one.get("properties", {}) for name, one in TYPES.items()},
}
KEYS = {key for part in PARTS.values() for key in part}
VARIABLE = {"oneOf": [{"type": "string"}, {"$ref": "#/types/mcp-stack:index:Variable"}]}


def camel(name):
    return re.sub("_(.)", lambda one: one[1].upper(), name)


def within(value):
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from within(inner)


def values_of_the_stack_file():
    """Keys with the texts that they may have, by the models' own schema."""
    for one in within(StackFile.model_json_schema(by_alias=False)):
        for key, prop in one.get("properties", {}).items() if isinstance(one, dict) else ():
            for part in within({name: inner for name, inner in prop.items() if name not in ("properties", "additionalProperties")}):
                if isinstance(part, dict) and isinstance(values := part.get("enum"), list):
                    yield camel(key), tuple(values)


def values_of_the_package():
    for part in PARTS.values():
        for key, prop in part.items():
            name = prop.get("items", prop).get("$ref", "").rpartition(":")[2]
            if values := TYPES.get(name, {}).get("enum"):
                yield key, tuple(one["value"] for one in values)


def test_every_key_with_a_choice_offers_what_the_stack_file_takes():
    wanted = set(values_of_the_stack_file())
    assert len(wanted) > 30
    assert wanted - set(values_of_the_package()) == set()


@pytest.mark.parametrize(
    ("type_", "key", "values"),
    [("Image", "pullPolicy", ["Always", "IfNotPresent", "Never"]), ("NodeField", "key", ["metadata.name"])],
)
def test_a_choice_is_a_type_of_its_own(type_, key, values):
    chosen = TYPES[TYPES[type_]["properties"][key]["$ref"].rpartition(":")[2]]
    assert [one["value"] for one in chosen["enum"]] == values
    assert all(re.fullmatch(r"[A-Za-z]\w*", one["name"]) for one in chosen["enum"])


@pytest.mark.parametrize("part", [part for part in PARTS if "env" in PARTS[part]])
def test_a_variable_is_a_text_or_says_where_it_comes_from(part):
    assert VARIABLE.items() <= PARTS[part]["env"]["additionalProperties"].items()


def test_only_objects_of_somebody_elses_api_may_be_anything():
    anything = {
        (part, key) for part in PARTS for key, prop in PARTS[part].items() if {"$ref": "pulumi.json#/Any"}.items() in
        [{"$ref": one["$ref"]}.items() for one in within(prop) if isinstance(one, dict) and "$ref" in one]
    }  # fmt: skip
    assert anything == {("McpProxy out", "container"), ("McpProxy out", "volumes")}


def test_what_may_be_an_output_says_so_and_a_password_is_a_secret():
    taken = COMPONENTS["ImageBuild"]["inputProperties"]
    assert "plain" not in taken["digest"]
    assert (taken["digest"]["type"], "secret" in taken["digest"]) == ("string", False)
    assert (taken["password"]["type"], taken["password"]["secret"]) == ("string", True)


def test_no_type_says_twice_that_it_is_one_or_has_a_components_name():
    assert [name for name in TYPES if name.endswith(("Args", "Spec"))] == []
    assert TYPES.keys() & COMPONENTS.keys() == set()
    assert {"ExposureSettings", "NetworkSettings", "Image"} <= TYPES.keys()


def test_every_type_that_is_referred_to_is_there():
    referred = {one["$ref"] for one in within(PACKAGE) if isinstance(one, dict) and "$ref" in one}
    assert {one.removeprefix("#/types/") for one in referred if one.startswith("#")} <= PACKAGE["types"].keys()


def test_explanations_are_one_line_with_keys_as_programs_write_them():
    told = [one["description"] for one in within(PACKAGE) if isinstance(one, dict) and isinstance(one.get("description"), str)]
    assert [text for text in told if "\n" in text or "  " in text or "None where" in text] == []
    spelled = {word for text in told for code in text.split("`")[1::2] for word in re.findall(r"[a-z]+(?:_[a-z]+)+", code)}
    assert {word for word in spelled if camel(word) in KEYS} == set()


def test_a_generated_package_has_a_page_and_a_description():
    for language in ("nodejs", "python"):
        assert all(f"`{name}`" in PACKAGE["language"][language]["readme"] for name in COMPONENTS)
    assert PACKAGE["language"]["nodejs"]["packageDescription"] == PACKAGE["description"]
    assert PACKAGE["license"] == "Apache-2.0"


def test_variables_that_are_not_known_yet_are_left_as_they_are():
    later = object()
    assert variables_of(later) is later
    assert variables_of({"TOKEN": later, "LEVEL": {"field": "metadata.name"}}) == {
        "TOKEN": later,
        "LEVEL": {"field": "metadata.name"},
    }


def test_the_packages_host_tells_the_engine_the_same(package):
    assert json.loads(package.GetSchema(provider_pb2.GetSchemaRequest(version=0)).schema) == PACKAGE


@pytest.mark.parity("stack.package")
@pytest.mark.parametrize("key", ["configMap", "config_map"])
def test_a_variable_from_another_language_comes_from_a_config_map(construct, key):
    given = {"namespace": "team", "image": {"repository": "ghcr.io/acme/web", "tag": "1.0.0"}}
    place = {"name": "settings", "key": "level"}
    _, objects = construct("McpServer", "web", {**given, "env": {"LEVEL": {key: place}, "PLAIN": "x"}})
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    variables = {one["name"]: one for one in container["env"]}
    assert variables["LEVEL"]["valueFrom"] == {"configMapKeyRef": {"name": "settings", "key": "level"}}
    assert variables["PLAIN"]["value"] == "x"
