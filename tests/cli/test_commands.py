"""`mcp-stack` as it is typed: what it prints, where, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mcp_stack import __version__, cli
from tests.preview.repository import commit

SHOP = """
config = pulumi.Config()
k8s.core.v1.Namespace("shop", metadata={"name": "shop"})
k8s.core.v1.Secret("tokens", metadata={"name": "tokens", "namespace": "shop"}, string_data={"a": config.require_secret("a")})
k8s.core.v1.ConfigMap("colours", metadata={"name": "colours", "namespace": "shop"}, data={"sky": config.require("sky")})
print("a program may print")
"""
CONFIG = {"shop:a": {"secure": "v1:one"}, "shop:sky": "blue"}


@pytest.fixture
def shop(project):
    return project(SHOP, config=CONFIG)


def run(capsys, *arguments):
    """Exit code, stdout and stderr of a command."""
    code = cli.main([str(argument) for argument in arguments])
    return code, *capsys.readouterr()


@pytest.mark.parity("stack.check-and-render")
def test_render_prints_every_object_in_order_and_nothing_else(shop, capsys):
    code, out, err = run(capsys, "render", "--project", shop, "--stack", "dev")
    assert code == 0
    assert [item["kind"] for item in yaml.safe_load_all(out)] == ["Namespace", "Secret", "ConfigMap"]
    assert err == "a program may print\n"
    assert run(capsys, "render", "--project", shop, "--stack", "dev")[1] == out


@pytest.mark.parity("stack.check-and-render")
def test_render_writes_one_file_per_object(shop, capsys, tmp_path):
    out = tmp_path / "out"
    code, printed, err = run(capsys, "render", "--project", shop, "--stack", "dev", "--out", out)
    assert (code, printed) == (0, "")
    assert err.endswith(f"3 objects of stack dev in {out}\n")
    names = ["configmap_shop_colours.yaml", "namespace_shop.yaml", "secret_shop_tokens.yaml"]
    assert sorted(path.name for path in out.glob("*.yaml")) == names


def test_secrets_are_redacted_unless_asked_for(project, capsys):
    directory = project(SHOP.replace('config.require_secret("a")', 'pulumi.Output.secret("hush")'), config=CONFIG)
    assert "hush" not in run(capsys, "render", "--project", directory, "--stack", "dev")[1]
    assert "hush" in run(capsys, "render", "--project", directory, "--stack", "dev", "--show-secrets")[1]


def test_the_project_is_found_from_below(shop, capsys, monkeypatch):
    (shop / "a").mkdir()
    monkeypatch.chdir(shop / "a")
    assert run(capsys, "render", "--stack", "dev")[0] == 0


@pytest.mark.parity("stack.diff")
@pytest.mark.parametrize(
    ("form", "sky"), [("text", "data.sky: blue → grey"), ("markdown", "+ data.sky: grey"), ("json", '"new": "grey"')]
)
def test_diff_shows_what_changed_since_a_revision_and_no_secret(shop, project, capsys, form, sky):
    commit(shop)
    project(SHOP, config={"shop:a": {"secure": "v1:two"}, "shop:sky": "grey"})
    arguments = ["diff", "--project", shop, "--stack", "dev", "--base", "HEAD", "--format", form]
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert sky in out
    assert "stringData.a" in out
    assert "encrypted-" not in out
    assert run(capsys, *arguments)[1] == out
    assert run(capsys, *arguments, "--exit-code")[0] == 1


@pytest.mark.parity("stack.diff")
def test_two_revisions_are_compared_each_by_its_own_code(shop, project, capsys):
    first = commit(shop)
    project(SHOP.replace('"sky": config', '"sea": config'), config=CONFIG)
    second = commit(shop)
    project("raise ValueError('the files as they are now')")
    code, out, _ = run(capsys, "diff", "--project", shop, "--stack", "dev", "--base", first, "--head", second, "--format", "json")
    assert code == 0
    (change,) = json.loads(out)["changes"]
    assert [found["path"] for found in change["changes"]] == ["data.sea", "data.sky"]


def test_no_change_ends_with_0_even_when_changes_would_not(shop, capsys):
    commit(shop)
    code, out, _ = run(capsys, "diff", "--project", shop, "--stack", "dev", "--base", "HEAD", "--exit-code")
    assert code == 0
    assert out.endswith("no change, 3 unchanged\n")


def test_a_stack_that_the_base_does_not_have_is_created_whole(shop, project, capsys):
    commit(shop)
    project(SHOP, stack="new", config=CONFIG)
    code, out, _ = run(capsys, "diff", "--project", shop, "--stack", "new", "--base", "HEAD")
    assert code == 0
    assert "which has no such stack → working tree" in out
    assert "3 to create" in out


def test_a_stack_whose_file_was_deleted_is_deleted_whole(shop, capsys):
    base = commit(shop)
    (shop / "Pulumi.dev.yaml").unlink()
    arguments = ["diff", "--project", shop, "--stack", "dev", "--base", base]
    code, out, _ = run(capsys, *arguments, "--exit-code")
    assert code == 1
    assert out.startswith("stack dev: ")
    assert "→ working tree, which has no such stack" in out
    assert "- ConfigMap shop/colours" in out
    assert out.endswith("3 to delete, 0 unchanged\n")
    head = commit(shop)
    code, out, _ = run(capsys, *arguments, "--head", head, "--format", "json")
    assert code == 0
    assert (json.loads(out)["stack"], json.loads(out)["summary"]["delete"]) == ("dev", 3)


@pytest.mark.parametrize("head", [[], ["--head", "HEAD"]])
def test_a_stack_that_neither_side_has_is_a_mistake(shop, capsys, head):
    commit(shop)
    code, out, err = run(capsys, "diff", "--project", shop, "--stack", "live", "--base", "HEAD", *head)
    assert (code, out) == (2, "")
    assert "stack 'live' has no file" in err
    assert "stacks with one: dev" in err


@pytest.mark.parity("stack.check-and-render")
def test_check_gives_one_line_for_each_finding_and_exit_code_1(shop, project, capsys):
    service = 'metadata={"name": "web", "namespace": "shop"}, spec={"selector": {"a": "b"}, "ports": []}'
    program = f'{SHOP}k8s.core.v1.Service("web", {service})\n'
    project(program, config=CONFIG)
    project(program, stack="live", config=CONFIG)
    code, out, err = run(capsys, "check", "--project", shop)
    assert code == 1
    fault = "error: Service shop/web spec.selector: no pod of this namespace has the labels a=b; use those of a pod template"
    assert out.splitlines() == [f"{stack}: {fault} [selectors]" for stack in ("dev", "live")]
    assert err.endswith("dev, live: 2 findings\n")
    assert run(capsys, "check", "--project", shop, "--stack", "live")[1].splitlines() == [f"live: {fault} [selectors]"]


def test_check_ends_with_0_where_nothing_is_wrong(shop, capsys):
    code, out, err = run(capsys, "check", "--project", shop)
    assert (code, out) == (0, "")
    assert err.endswith("dev: no findings\n")


def test_check_runs_the_policies_as_a_file_configures_them(project, tmp_path, capsys):
    directory = project('k8s.rbac.v1.ClusterRole("a", metadata={"name": "a"}, rules=[{"verbs": ["*"]}])')
    code, out, _ = run(capsys, "check", "--project", directory)
    assert (code, out.splitlines()) == (
        1,
        [
            "dev: error: ClusterRole a rules[0].verbs: `*` gives every one of them, those of later versions of the API, too; "
            "name the verbs, resources and accounts that are needed [rbac-wildcards]"
        ],
    )
    file = tmp_path / "mine.json"
    file.write_text('{"rbac-wildcards": "disabled"}')
    assert run(capsys, "check", "--project", directory, "--policy-config", file)[0] == 0
    file.write_text('{"rbac-wildcard": "disabled"}')
    code, _, err = run(capsys, "check", "--project", directory, "--policy-config", file)
    assert code == 2
    assert "rbac-wildcard: no such policy, did you mean `rbac-wildcards`?" in err


def test_what_somebody_else_provides_can_be_declared(project, capsys):
    directory = project('k8s.core.v1.ConfigMap("a", metadata={"name": "a", "namespace": "theirs"})')
    assert run(capsys, "check", "--project", directory)[0] == 1
    assert run(capsys, "check", "--project", directory, "--external", "Namespace/theirs")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["render", "--stack", "live"], "stack 'live' has no file"),
        (["render", "--stack", "dev", "--project", "/"], "/ is in no Pulumi project"),
        (["diff", "--stack", "dev", "--base", "v9"], "is no revision"),
        (["check", "--external", "nonsense"], "--external: 'nonsense' names no object: write Kind/name"),
    ],
)
def test_what_cannot_be_done_is_one_message_and_exit_code_2(shop, capsys, monkeypatch, arguments, message):
    commit(shop)
    monkeypatch.chdir(shop)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_configuration_error_comes_word_for_word(project, capsys):
    program = """
    from mcp_stack_proxy.config import ConfigError, Problem
    raise ConfigError("Pulumi.dev.yaml", [Problem("servers.a.port", "too high"), Problem("servers.b", "too many")])
    """
    code, out, err = run(capsys, "render", "--project", project(program), "--stack", "dev")
    assert (code, out, err) == (2, "", "Pulumi.dev.yaml: 2 problems\n  servers.a.port: too high\n  servers.b: too many\n")


def test_a_project_without_stacks_has_nothing_to_check(project, capsys):
    directory = project()
    (directory / "Pulumi.dev.yaml").unlink()
    code, _, err = run(capsys, "check", "--project", directory)
    assert code == 2
    assert "has no stack file, so there is nothing to check" in err


def test_the_schema_is_printed_or_written(capsys, tmp_path):
    code, out, _ = run(capsys, "schema")
    assert code == 0
    assert "mcp-stack:stack" in json.loads(out)["properties"]["config"]["properties"]
    assert run(capsys, "schema", "--out", tmp_path / "schema.json") == (0, "", "")
    assert (tmp_path / "schema.json").read_text() == out


def test_up_hands_over_what_it_was_told(shop, monkeypatch):
    told = {}
    monkeypatch.setattr(
        "mcp_stack.local.run.up", lambda *arguments, **options: told.update(arguments=arguments, options=options) or 3
    )
    assert cli.main(["up", "--project", str(shop), "--stack", "dev", "--check", "--port", "9", "--verbose"]) == 3
    assert told == {"arguments": (shop, "dev", True), "options": {"port": 9, "verbose": True}}


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as done:
        cli.main(["--help"])
    assert done.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("up", "render", "diff", "check", "schema"))


def test_the_version_is_the_distributions(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"mcp-stack {__version__}\n"


def test_a_reader_that_goes_away_is_no_error(shop):
    """`mcp-stack render | head -1`: more is written than a pipe holds."""
    metadata = '{"name": f"m{i}", "namespace": "shop"}'
    many = f'for i in range(300): k8s.core.v1.ConfigMap(f"m{{i}}", metadata={metadata}, data={{"a": "x" * 500}})\n'
    with (shop / "__main__.py").open("a", encoding="utf-8") as file:
        file.write(many)
    command = f"{sys.executable} -m mcp_stack.cli render --project {shop} --stack dev | head -1"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path and Path(path).is_dir())}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, env=environment)
    assert done.stdout == "---\n"
    assert "BrokenPipe" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["render", "--stack", "dev"], ["schema"]])
def test_what_cannot_be_written_is_one_message(shop, tmp_path, capsys, monkeypatch, command):
    monkeypatch.chdir(shop)
    (tmp_path / "file").write_text("")
    code, out, err = run(capsys, *command, "--out", tmp_path / "file" / "below")
    assert (code, out) == (2, "")
    assert f"--out {tmp_path / 'file' / 'below'}: Not a directory" in err
    assert "Traceback" not in err


def test_an_interrupted_command_ends_without_a_traceback(project, capsys):
    code, _, err = run(capsys, "render", "--project", project("raise KeyboardInterrupt"), "--stack", "dev")
    assert (code, err) == (130, "")
