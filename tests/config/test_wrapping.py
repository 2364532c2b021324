"""How a wrapped program is written, ours and as seed 001 has it."""

import json

import pytest

from mcp_stack_proxy.config import CliConfig, ConfigError, ProxyConfig, Source, load, validate


def server(**keys):
    return validate(ProxyConfig, {"servers": {"x": keys}}, "file").servers["x"]


def problems(**keys):
    with pytest.raises(ConfigError) as caught:
        server(**keys)
    return str(caught.value)


def test_true_means_all_defaults_and_false_means_stdio():
    assert server(command="git", cli=True).cli == CliConfig()
    assert server(command="git", cli={}).cli == CliConfig()
    assert server(command="git", cli=False).cli is None
    assert server(command="git").cli is None
    assert server(command="git", cli={"end_of_options": "--end-of-options"}).cli.end_of_options == "--end-of-options"


@pytest.mark.parametrize(
    ("cli", "says"),
    [
        ({"helb": "-h"}, "servers.x.cli.helb: unknown key, did you mean `help`?"),
        ({"depth": 5}, "servers.x.cli.depth: 5"),
        ({"depth": True}, "servers.x.cli.depth: true is no number"),
        ({"subcommands": []}, "servers.x.cli.subcommands"),
        ({"subcommands": ["--exec"]}, "servers.x.cli.subcommands[0]: '--exec' is no subcommand"),
        ({"subcommands": ["a  b"]}, "write its words with one blank between"),
        ({"options": {}}, "servers.x.cli.options: keeps nothing back"),
        ({"prefix": "a b"}, "servers.x.cli.prefix: 'a b' cannot begin tool names"),
        ({"end_of_options": "-x"}, "servers.x.cli.end_of_options: '-x' ends no options"),
        ({"timeout_seconds": 0}, "servers.x.cli.timeout_seconds: 0"),
        ({"concurrency": 65}, "servers.x.cli.concurrency: 65"),
        ({"prefix": "x" * 33}, "servers.x.cli.prefix"),
        ({"presets": []}, "servers.x.cli.presets"),
        ({"presets": [{"name": "a b"}]}, "servers.x.cli.presets[0].name: 'a b' is no tool name"),
        ({"presets": [{"name": "a"}, {"name": "a"}]}, "servers.x.cli: two presets have the name 'a'"),
        ({"presets": [{"name": "a"}], "depth": 1}, "servers.x.cli: `depth` does nothing beside `presets`"),
        ("yes", "servers.x.cli: 'yes'"),
    ],
)
def test_what_does_nothing_or_cannot_be_is_refused(cli, says):
    assert says in problems(command="git", cli=cli)


def test_a_server_that_runs_elsewhere_has_no_program():
    assert "`cli` does nothing beside `url`" in problems(url="https://x.example/mcp", cli=True)


def test_a_run_may_take_as_long_as_a_request():
    servers = {
        "x": {"command": "git", "cli": {"timeout_seconds": 130}},
        "y": {"command": "git", "cli": True},
        "z": {"command": "a"},
    }
    with pytest.raises(ConfigError, match=r"of server 'x' \(130\) is above limits.request_seconds \(120\)"):
        validate(ProxyConfig, {"servers": servers}, "file")
    validate(ProxyConfig, {"servers": servers, "limits": {"request_seconds": 130}}, "file")
    del servers["x"]
    validate(ProxyConfig, {"servers": servers, "limits": {"request_seconds": 10}}, "file")


def client(**entry):
    text = json.dumps({"mcpServers": {"x": entry}})
    return load(Source("servers.json", text), {}).servers["x"]


@pytest.mark.parity("aggregate.backend-cli")
def test_the_flat_keys_of_a_client_file_say_the_same():
    entry = {"command": "kubectl", "cli": True, "cli_help": "-h", "cli_depth": 3, "cli_only": ["get", "logs"], "args": ["-n", "a"]}
    found = client(**entry)
    assert (found.command, found.args) == ("kubectl", ["-n", "a"])
    assert found.cli == CliConfig(help="-h", depth=3, subcommands=["get", "logs"])
    assert client(command="git", cli=True).cli == CliConfig()
    assert client(command="git", type="stdio", cli=True, cli_only=[], tools=[]).cli == CliConfig()


def test_presets_of_a_client_file_take_precedence():
    tools = [{"name": "export", "args": ["export", "--json"], "description": "Export"}]
    found = client(command="x", cli=True, cli_only=["other"], tools=tools)
    assert found.cli == CliConfig.model_validate({"presets": tools})
    assert found.tools is None


def test_our_own_words_work_in_a_client_file():
    assert client(command="git", cli={"depth": 1}, tools={"deny": ["x"]}).cli == CliConfig(depth=1)
    found = client(command="git", cli=True, tools={"deny": ["x"]})
    assert (found.cli, found.tools.deny) == (CliConfig(), ["x"])


def test_flat_keys_without_cli_are_unknown():
    with pytest.raises(ConfigError, match=r"servers.x.cli_depth: unknown key"):
        client(command="git", cli_depth=1)
