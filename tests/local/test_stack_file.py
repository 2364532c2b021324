"""A stack is found by its name, or it is said what is missing."""

import pytest

from mcp_stack.local.stack_file import config_directory, read_spec
from mcp_stack_proxy.config import ConfigError
from tests.local.stacks import write_project

CLOCK = {"clock": {"command": ["clock"]}}


def test_the_stack_is_read_under_the_projects_own_key(tmp_path):
    spec = read_spec(write_project(tmp_path, CLOCK), "local")
    assert (spec.stack, list(spec.servers)) == ("local", ["clock"])


def test_what_only_a_cluster_needs_may_be_missing(tmp_path):
    assert read_spec(write_project(tmp_path, CLOCK), "local").proxy.image is None


def message(directory, stack="local"):
    with pytest.raises(ConfigError) as caught:
        read_spec(directory, stack)
    return str(caught.value).replace(str(directory), "DIR").splitlines()[1].strip()


def test_an_unknown_stack_names_those_that_exist(tmp_path):
    write_project(tmp_path, CLOCK)
    assert message(tmp_path, "staging") == "there is no such file in DIR; stack files here: Pulumi.local.yaml"


def test_a_directory_without_a_project_is_refused(tmp_path):
    assert message(tmp_path) == "there is no such file in DIR; is this the directory of a Pulumi project?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "config: {other:stack: {}}",
            "config: has no key `acme:stack`, which describes the stack; `other:stack` is that of another project, this one is "
            "called 'acme' (Pulumi.yaml)",
        ),
        ("config:", "config: has no key `acme:stack`, which describes the stack"),
        ("[]", "expected a mapping"),
        ("config: [", "cannot be parsed: did not find expected node content, line 2 column 1"),
        ("config: {other: 012}", "config.other: line 1: this is octal, hexadecimal, in sixties or with `_`; "),
        ("config: {acme:stack: {servers: {clock: {command: [x], port: 0x1}}}}", "servers.clock.port: line 1: `0x1` is octal, "),
        (
            "config: {acme:stack: {servers: {clock: {comand: [x]}}}}",
            "servers.clock.comand: unknown key, did you mean `command`?",
        ),
    ],
)
def test_a_file_that_describes_no_stack_is_refused(tmp_path, text, expected):
    write_project(tmp_path, CLOCK)
    (tmp_path / "Pulumi.local.yaml").write_text(text)
    assert message(tmp_path).startswith(expected)


def test_a_project_without_a_name_is_refused(tmp_path):
    write_project(tmp_path, CLOCK)
    (tmp_path / "Pulumi.yaml").write_text("runtime: python")
    assert message(tmp_path) == "name: required, but missing"


def test_a_file_that_is_no_yaml_is_refused(tmp_path):
    write_project(tmp_path, CLOCK)
    (tmp_path / "Pulumi.local.yaml").write_text("config: [")
    assert message(tmp_path).startswith("cannot be parsed: ")


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    write_project(tmp_path, CLOCK)
    (tmp_path / "Pulumi.local.yaml").unlink()
    (tmp_path / "Pulumi.local.yaml").mkdir()
    assert message(tmp_path) == "cannot be read: Is a directory"


def test_an_empty_file_describes_no_stack(tmp_path):
    write_project(tmp_path, CLOCK)
    (tmp_path / "Pulumi.local.yaml").write_text("")
    assert message(tmp_path) == "config: has no key `acme:stack`, which describes the stack"


@pytest.mark.parametrize("key", ["stackConfigDir", "config"])
def test_files_are_where_pulumi_looks_for_them(tmp_path, key):
    write_project(tmp_path, CLOCK)
    (tmp_path / "Pulumi.yaml").rename(tmp_path / "Pulumi.yml")
    (tmp_path / "Pulumi.yml").write_text(f"name: acme\nruntime: python\n{key}: stacks\n")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.local.yaml").rename(tmp_path / "stacks" / "Pulumi.local.yml")
    assert config_directory(tmp_path) == tmp_path / "stacks"
    spec = read_spec(tmp_path, "local")
    assert (spec.source, list(spec.servers)) == ("Pulumi.local.yml", ["clock"])
    assert message(tmp_path, "other").endswith("stack files here: Pulumi.local.yml")
