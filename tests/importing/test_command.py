"""`mcp-stack import`, and the stack that it writes, checked as `mcp-stack check` does."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from mcp_stack.cli import main

from .samples import CLIENT, WRITTEN

EXAMPLE = Path(__file__).parents[2] / "examples" / "quick-start"


@pytest.fixture
def project(tmp_path):
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(EXAMPLE / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parity("stack.import-values", "mpl.import", "aggregate.config-servers-json")
def test_the_written_stack_passes_the_check_once_its_secrets_are_set(project, name, capsys):
    source, out = project / "source", project / "Pulumi.staging.yaml"
    source.write_text(WRITTEN[name])
    assert main(["import", str(source), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    document = yaml.safe_load(out.read_text())
    for line in said.err.splitlines():
        if line.startswith("  pulumi config set --secret "):
            document["config"][f"mcp-stack:{line.split()[4]}"] = {"secure": "AAAA"}
    out.write_text(yaml.safe_dump(document))
    code = main(["check", "--project", str(project), "--stack", "staging"])
    found = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("staging: notice: ")]
    assert (code, found) == (0, [])


def test_a_file_that_is_there_is_not_written_over(tmp_path, capsys):
    source, out = tmp_path / "servers.json", tmp_path / "Pulumi.dev.yaml"
    source.write_text(CLIENT)
    out.write_text("mine")
    assert main(["import", str(source), "--stack", "dev", "--out", str(out)]) == 2
    assert "File exists; nothing was written" in capsys.readouterr().err
    assert out.read_text() == "mine"


def test_without_a_file_the_stack_is_printed(tmp_path, capsys):
    source = tmp_path / "servers.json"
    source.write_text(json.dumps({"mcpServers": {"a": {"url": "https://a.example.com/mcp"}}}))
    assert main(["import", str(source), "--proxy-image", "ghcr.io/acme/p:1.2.3"]) == 0
    said = capsys.readouterr()
    stack = yaml.safe_load(said.out)["config"]["mcp-stack:stack"]
    assert stack["proxy"]["image"] == {"repository": "ghcr.io/acme/p", "tag": "1.2.3"}
    assert said.err.startswith("read as a client's servers: 1 servers\n")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["/nonexistent"], "cannot be read"),
        (["--proxy-image", "p", __file__], "write REPOSITORY:TAG"),
        ([__file__], "cannot be parsed"),
    ],
)
def test_what_cannot_be_imported_is_said_in_words(arguments, word, capsys):
    assert main(["import", *arguments]) == 2
    assert word in capsys.readouterr().err
