"""What stands in a stack file is one thing to everybody, before anything is made of it."""

import pytest

from mcp_stack.cli import main
from mcp_stack.preview.errors import PreviewError
from mcp_stack.preview.plainly import require_plain
from mcp_stack.preview.project import load_config, load_project

STACK = "config:\n  acme:stack:\n"


@pytest.fixture
def told(tmp_path):
    """What is said of a stack file with the text."""
    (tmp_path / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")

    def lines(text):
        path = tmp_path / "Pulumi.dev.yaml"
        path.unlink(missing_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(PreviewError) as refusal:
            require_plain(tmp_path, "dev")
        return str(refusal.value).replace(f"{path}: ", "").splitlines()

    return lines


def test_everything_wrong_is_told_at_once(told):
    heading, *problems = told(f"{STACK}    servers: {{a: {{comand: [x], replicas: 02}}}}")
    assert heading == "4 problems"
    places = [problem.split(": ")[0].strip() for problem in problems]
    assert places[:2] == ["servers.a.replicas", "servers.a.comand"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("config: [", "cannot be parsed: did not find expected node content, line 2 column 1"),
        ("config: {acme:pin: 012}", "config.acme:pin: line 1: this is octal, hexadecimal, in sixties or with `_`; "),
        ("config: [012]", "config[0]: line 1: this is octal"),
        (b"\xff\xfe", "is no UTF-8: "),
    ],
)
def test_a_file_that_describes_no_stack_names_its_own_faults(told, text, problem):
    assert told(text)[-1].strip().startswith(problem)


def test_a_file_that_all_readers_take_alike_passes_whatever_it_describes(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {other:key: value}")
    require_plain(tmp_path, "dev")


def test_a_file_that_cannot_be_read_says_so(tmp_path, monkeypatch):
    (tmp_path / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("")
    path.chmod(0)
    monkeypatch.setattr(type(path), "read_text", _refuse(type(path).read_text, "Pulumi.dev.yaml"))
    with pytest.raises(PreviewError, match=r"Pulumi\.dev\.yaml: cannot be read: Permission denied"):
        require_plain(tmp_path, "dev")


def _refuse(read_text, name):
    def reading(path, *arguments, **named):
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return read_text(path, *arguments, **named)

    return reading


@pytest.mark.parametrize("command", [["render"], ["check"], ["diff", "--base", "HEAD"]], ids=" ".join)
def test_no_command_makes_anything_of_a_file_that_stands_for_two_stacks(tmp_path, capsys, command):
    (tmp_path / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(f"{STACK}    servers: {{on: {{command: [x]}}}}")
    arguments = [*command, "--project", str(tmp_path), "--stack", "dev"]
    assert main(arguments) != 0
    said = capsys.readouterr()
    assert 'servers.on: line 3: this key is no text but of type bool; put it in quotes: "on"' in said.out + said.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("config: [a]", "config: expected a mapping of keys such as `acme:stack`"),
        ("config: {a: 2026-13-45}", "cannot be parsed: "),
    ],
)
def test_configuration_that_is_none_is_refused(tmp_path, text, message):
    (tmp_path / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(PreviewError, match=r"Pulumi\.dev\.yaml: ") as refusal:
        load_config(load_project(tmp_path), "dev")
    assert message in str(refusal.value)


def test_a_stack_file_that_is_a_directory_is_none(tmp_path):
    (tmp_path / "Pulumi.yaml").mkdir()
    with pytest.raises(PreviewError):
        load_project(tmp_path)
