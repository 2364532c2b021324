import os

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.program import INHERITED, Program, missing_command


@pytest.fixture
def tool(tmp_path):
    file = tmp_path / "bin" / "tool"
    file.parent.mkdir()
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    (tmp_path / "bin" / "data").write_text("not executable")
    return file


def test_a_command_is_looked_up_as_the_server_would_find_it(tool, tmp_path):
    path = str(tool.parent)
    assert not missing_command("sh")
    assert missing_command("surely-no-such-program")
    assert not missing_command("tool", path)
    assert missing_command("tool", "/nonexistent")
    assert missing_command("data", path)
    assert not missing_command(str(tool))
    assert not missing_command("./bin/tool", cwd=str(tmp_path))
    assert missing_command("./bin/tool", cwd="/")
    assert missing_command(str(tmp_path / "bin"))
    assert missing_command("")


def test_a_server_sees_what_it_was_given_and_four_variables_of_ours(monkeypatch):
    monkeypatch.setenv("GITHUB_TOKEN", "of another server")
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.delenv("TZ", raising=False)
    environment = Program("x", env={"OWN": "1", "PATH": "/own"}).environment()
    assert set(environment) <= {*INHERITED, "OWN"}
    assert environment["OWN"] == "1"
    assert environment["PATH"] == "/own"
    assert environment["HOME"] == "/home/x"
    assert "TZ" not in environment


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (Program("surely-no-such-program"), "program 'surely-no-such-program' was not found"),
        (Program("/opt/secret/place/tool"), "program 'tool' was not found"),
        (Program("sh", env={"PATH": "/nonexistent"}), "program 'sh' was not found"),
        (Program("sh", cwd="/nonexistent"), "the working directory of 'sh' does not exist"),
    ],
)
def test_what_cannot_start_is_said_before_it_is_tried_and_without_paths(program, says):
    with pytest.raises(UpstreamError) as caught:
        program.check()
    assert caught.value.message == says
    assert caught.value.reason is Reason.UNREACHABLE
    assert caught.value.retryable
    assert caught.value.hint


def test_what_can_start_passes(tmp_path):
    Program("sh", cwd=str(tmp_path)).check()
    Program(os.path.realpath("/bin/sh")).check()
