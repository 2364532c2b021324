"""Pulumi.yaml and the stack files, read as Pulumi's CLI reads them, without a passphrase."""

import json

import pytest
import yaml

from mcp_stack.preview.errors import NoSuchProject, NoSuchStack, PreviewError
from mcp_stack.preview.project import find_project, load_config, load_project, placeholder, stack_names

CIPHERTEXT = "v1:8oYyTz:Hq5vJ2"


@pytest.fixture
def configured(tmp_path):
    """The configuration of a stack file with `config`, in a project that declares `declared`."""

    def read(config, declared=None):
        settings = {"name": "shop", "runtime": "python", **({"config": declared} if declared else {})}
        (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
        (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
        return load_config(load_project(tmp_path), "dev")

    return read


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (3, "3"),
        (True, "true"),
        (1.5, "1.5"),
        ({"a": [1, "b"]}, '{"a": [1, "b"]}'),
        (["x"], '["x"]'),
    ],
)
def test_values_arrive_as_pulumi_hands_them_over(configured, value, text):
    assert configured({"shop:key": value}).values == {"shop:key": text}


def test_a_key_without_a_namespace_is_the_projects_own(configured):
    assert configured({"key": "x", "kubernetes:context": "y"}).values == {"shop:key": "x", "kubernetes:context": "y"}


def test_a_ciphertext_becomes_a_placeholder_that_is_secret(configured):
    found = configured({"shop:token": {"secure": CIPHERTEXT}})
    assert found.values == {"shop:token": placeholder("shop:token", CIPHERTEXT)}
    assert found.values["shop:token"].startswith("encrypted-token-")
    assert CIPHERTEXT not in found.values["shop:token"]
    assert found.secrets == {"shop:token"}


def test_a_placeholder_differs_exactly_where_the_ciphertext_does():
    assert placeholder("shop:token", "v1:a") == placeholder("shop:token", "v1:a") != placeholder("shop:token", "v1:b")


def test_a_ciphertext_within_a_structure_makes_the_whole_secret(configured):
    found = configured({"shop:db": {"user": "me", "password": {"secure": CIPHERTEXT}, "hosts": [{"secure": CIPHERTEXT}]}})
    value = json.loads(found.values["shop:db"])
    assert value["user"] == "me"
    assert [text.startswith("encrypted-") for text in (value["password"], value["hosts"][0])] == [True, True]
    assert found.secrets == {"shop:db"}


def test_defaults_and_provider_values_come_from_the_project(configured):
    declared = {"replicas": {"type": "integer", "default": 2}, "kubernetes:context": {"value": "kind"}, "name": {"default": "a"}}
    found = configured({"shop:name": "b"}, declared)
    assert found.values == {"shop:replicas": "2", "kubernetes:context": "kind", "shop:name": "b"}


@pytest.mark.parametrize("text", ["", False, 0, []])
def test_an_empty_default_is_a_default(configured, text):
    assert "shop:key" in configured({}, {"key": {"default": text}}).values


def test_a_bare_value_in_the_project_is_the_value(configured):
    assert configured({}, {"region": "north"}).values == {"shop:region": "north"}


@pytest.mark.parametrize(
    ("config", "declared", "problem"),
    [
        (
            {},
            {"key": {"type": "string"}},
            "shop:key: required, but missing; set it with `pulumi config set shop:key <value> --stack dev`",
        ),
        ({"shop:key": "many"}, {"key": {"type": "integer"}}, "shop:key: is no integer, which Pulumi.yaml declares"),
        ({"shop:key": True}, {"key": {"type": "integer"}}, "shop:key: is no integer, which Pulumi.yaml declares"),
        ({"shop:key": "true"}, {"key": {"type": "integer"}}, "shop:key: is no integer, which Pulumi.yaml declares"),
        ({"shop:key": {"a": 1}}, {"key": {"type": "array"}}, "shop:key: is no array, which Pulumi.yaml declares"),
        ({"shop:key": "x"}, {"key": {"type": "object"}}, "shop:key: is no object, which Pulumi.yaml declares"),
        ({"shop:key": {"a": 1}}, {"key": {"type": "string"}}, "shop:key: is no string, which Pulumi.yaml declares"),
        ({"shop:key": "maybe"}, {"key": {"type": "boolean"}}, "shop:key: is no boolean, which Pulumi.yaml declares"),
        ({"shop:key": "x"}, {"key": {"secret": True}}, "shop:key: is declared secret and stands in plain text"),
    ],
)
def test_what_the_cli_would_refuse_is_refused_with_file_and_key(configured, config, declared, problem):
    with pytest.raises(PreviewError) as refusal:
        configured(config, declared)
    assert problem in str(refusal.value)
    assert str(refusal.value).partition("\n")[0].endswith("Pulumi.dev.yaml:")


@pytest.mark.parametrize(
    ("value", "kind"), [("3", "integer"), ("true", "boolean"), ('["a"]', "array"), ('{"a": 1}', "object"), (3, "string")]
)
def test_text_that_the_cli_stored_for_another_type_is_taken(configured, value, kind):
    assert configured({"shop:key": value}, {"key": {"type": kind}}).values["shop:key"] == str(value)


def test_all_problems_are_told_at_once(configured):
    with pytest.raises(PreviewError) as refusal:
        configured({"shop:b": "x"}, {"a": {"type": "string"}, "b": {"type": "array"}})
    assert len(str(refusal.value).splitlines()) == 3


def test_stack_files_may_lie_in_a_directory_of_their_own(project):
    directory = project(stackConfigDir="stacks")
    (directory / "stacks").mkdir()
    (directory / "stacks" / "Pulumi.prod.yaml").write_text("config: {shop:key: there}")
    found = load_project(directory)
    assert stack_names(found) == ["prod"]
    assert load_config(found, "prod").values == {"shop:key": "there"}


def test_an_unknown_stack_is_refused_with_those_that_are_known(project):
    directory = project(stack="prod")
    project(stack="dev")
    with pytest.raises(NoSuchStack, match=r"stack 'live' has no file .*Pulumi\.live\.yaml; stacks with one: dev, prod"):
        load_config(load_project(directory), "live")


def test_an_empty_stack_file_is_a_stack(project):
    directory = project()
    (directory / "Pulumi.dev.yaml").write_text("")
    assert load_config(load_project(directory), "dev").values == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("runtime: python", "name: required, but missing"),
        ("name: a\nruntime: {name: nodejs}", "runtime: 'nodejs' cannot be evaluated here, only python"),
        ("- a", "expected a mapping"),
        ("a: [", "cannot be parsed"),
    ],
)
def test_a_project_file_that_cannot_be_used_is_named(tmp_path, text, message):
    (tmp_path / "Pulumi.yaml").write_text(text)
    with pytest.raises(PreviewError, match=r"Pulumi\.yaml: ") as refusal:
        load_project(tmp_path)
    assert message in str(refusal.value)


def test_the_project_is_found_from_below(project):
    directory = project()
    (directory / "a" / "b").mkdir(parents=True)
    assert find_project(directory / "a" / "b") == directory.resolve()


def test_no_project_is_a_clear_refusal(tmp_path):
    with pytest.raises(NoSuchProject, match="is in no Pulumi project"):
        find_project(tmp_path)
    with pytest.raises(NoSuchProject, match=r"holds no Pulumi\.yaml"):
        load_project(tmp_path)


def test_a_directory_called_like_a_stack_file_is_none(project):
    directory = project(stack="dev")
    (directory / "Pulumi.live.yaml").mkdir()
    assert stack_names(load_project(directory)) == ["dev"]


def test_a_projects_name_is_a_text(project):
    directory = project()
    (directory / "Pulumi.yaml").write_text("name: 5\nruntime: python\n")
    with pytest.raises(PreviewError, match="name: 5 is no text; put it in quotes"):
        load_project(directory)
