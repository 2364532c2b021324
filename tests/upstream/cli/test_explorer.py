"""Programs asked for their help: which are asked, how deep, and what becomes of those that do not answer."""

import asyncio
import sys
import textwrap

import pytest

from mcp_stack_proxy.config import CliConfig
from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.cli import explorer as explorer_module
from mcp_stack_proxy.upstream.cli.explorer import Explorer, identity_of
from mcp_stack_proxy.upstream.cli.runner import Runner
from mcp_stack_proxy.upstream.program import Program
from tests.upstream.cli import texts

PROGRAM = """
    import sys, time, pathlib
    *words, asked = sys.argv[1:]
    here = pathlib.Path(__file__).parent
    with (here / "asked").open("a") as log:
        log.write(" ".join([*words, asked]) + "\\n")
    page = here / ("-".join(["root", *words]) + ".txt")
    if (here / "slow").exists() and words:
        time.sleep(600)
    if not page.exists():
        print("no such thing", file=sys.stderr)
        sys.exit(2)
    stream = sys.stderr if words else sys.stdout
    stream.write(page.read_text())
"""

PAGES = {
    "root": "Usage: app COMMAND\n\nCommands:\n  get  Get it\n  set  Set it\n  odd  Odd one\n  help  Help\n",
    "root-get": "Usage: app get [OPTIONS] NAME\n\nGets.\n\nOptions:\n  -a, --all  everything\n  --exec CMD  run it\n",
    "root-set": "Usage: app set COMMAND\n\nCommands:\n  one  First\n  two  Second\n",
    "root-set-one": "Usage: app set one [OPTIONS]\n\nOptions:\n  --deep  deep\n",
}


@pytest.fixture
def explore(tmp_path):
    """Tools of the program, with its pages and those given."""
    path = tmp_path / "app.py"
    path.write_text(textwrap.dedent(PROGRAM))

    def ready(pages=None, **cli):
        for name, text in (PAGES if pages is None else pages).items():
            (tmp_path / f"{name}.txt").write_text(text)
        program = Program(sys.executable, [str(path)])
        config = CliConfig.model_validate({"prefix": "app", **cli})
        return Explorer("app", program, config, Runner(program, 2))

    return ready


async def tools_of(explorer, within=30.0):
    return await explorer.tools(asyncio.get_running_loop().time() + within)


def asked(tmp_path):
    return sorted((tmp_path / "asked").read_text().splitlines())


async def test_each_subcommand_is_asked_as_deep_as_configured(explore, tmp_path):
    tools = await tools_of(explore())
    assert [tool.name for tool in tools] == ["app_get", "app_set_one", "app_set_two", "app_odd"]
    assert [tool.description for tool in tools] == ["Gets.", "First", "Second", "Odd one"]
    assert [*tools[0].parameters] == ["all", "exec", "NAME"]
    assert [*tools[1].parameters] == ["args"], "below the depth nothing is known"
    assert [*tools[3].parameters] == ["args"], "what prints no help can be called all the same"
    assert asked(tmp_path) == ["--help", "get --help", "odd --help", "set --help"]


async def test_depth_one_asks_the_program_alone(explore, tmp_path):
    tools = await tools_of(explore(depth=1, help="-h"))
    assert [tool.name for tool in tools] == ["app_get", "app_set", "app_odd"]
    assert asked(tmp_path) == ["-h"]


async def test_depth_three_goes_on(explore, tmp_path):
    tools = await tools_of(explore(depth=3))
    assert [*tools[1].parameters] == ["deep", "args"]
    assert "set two --help" in asked(tmp_path)


async def test_only_what_is_named_is_asked_and_offered(explore, tmp_path):
    tools = await tools_of(explore(subcommands=["set one", "get", "odd"]))
    assert [tool.name for tool in tools] == ["app_set_one", "app_get", "app_odd"]
    assert [*tools[0].parameters] == ["deep", "args"]
    assert asked(tmp_path) == ["--help", "get --help", "odd --help", "set one --help"]


async def test_a_name_that_the_program_does_not_know_is_a_mistake(explore):
    with pytest.raises(ExceptionGroup) as caught:
        await tools_of(explore(subcommands=["get", "gte"]))
    assert "has no subcommand 'gte', or no help for it" in str(caught.value.exceptions[0])
    assert "cli.subcommands" in caught.value.exceptions[0].hint


async def test_a_usage_line_with_an_error_is_no_help_for_a_name_that_is_unknown(explore):
    """argparse answers a mistake with the usage of what is above it; git answers `-h` with its usage and a failure."""
    usage = "usage: app [-h] {get,set}\napp: error: argument command: invalid choice: 'gte'\n"
    said = f"sys.stderr.write({usage!r}) if 'gte' in sys.argv else print('usage: app', *sys.argv[1:-1], 'FILE')"
    code = f"import sys\n{said}\nsys.exit(2)"
    program = Program(sys.executable, ["-c", code])

    def explorer(name):
        return Explorer("x", program, CliConfig.model_validate({"subcommands": [name], "prefix": "app"}), Runner(program, 1))

    (tool,) = await tools_of(explorer("get"))
    assert [*tool.parameters] == ["FILE"]
    with pytest.raises(ExceptionGroup) as caught:
        await tools_of(explorer("gte"))
    assert "has no subcommand 'gte'" in str(caught.value.exceptions[0])


async def test_options_can_be_held_back(explore):
    (tool, *_) = await tools_of(explore(options={"deny": ["--ex*"]}, read_only=["app_g*"]))
    assert [*tool.parameters] == ["all", "NAME"]
    assert tool.read_only
    (tool, *_) = await tools_of(explore(options={"allow": ["-a"]}))
    assert [*tool.parameters] == ["all", "NAME"]
    assert not tool.read_only


async def test_a_program_without_subcommands_is_one_tool(explore):
    (tool,) = await tools_of(explore({"root": texts.GNU}))
    assert (tool.name, tool.words) == ("app", ())
    (tool,) = await tools_of(explore({"root": ""}))
    assert [*tool.parameters] == ["args"]


async def test_what_the_usage_lines_tell_is_not_asked_again(explore, tmp_path):
    tools = await tools_of(explore({"root": texts.DOCOPT}))
    assert [tool.words for tool in tools] == [(), ("ship",), ("ship", "new"), ("mine",)]
    assert [*tools[2].parameters] == ["speed", "moored", "name"]
    assert asked(tmp_path) == ["--help"]


async def test_names_that_look_alike_stay_apart(explore):
    pages = {"root": "Usage: app COMMAND\n\nCommands:\n  a.b  One\n  a:b  Two\n"}
    assert [tool.name for tool in await tools_of(explore(pages, depth=1))] == ["app_a_b", "app_a_b_2"]


async def test_silence_is_an_error_that_says_what_to_do(explore, monkeypatch):
    with pytest.raises(UpstreamError, match=r"--help` prints no help, and exits with code 2") as caught:
        await tools_of(explore({}))
    assert "cli.presets" in caught.value.hint
    monkeypatch.setattr(explorer_module, "HELP_SECONDS", 0.3)
    hanging = Program(sys.executable, ["-c", "import time; time.sleep(600)"])
    with pytest.raises(UpstreamError, match=r"--help` did not end within 0.3 s") as caught:
        await tools_of(Explorer("x", hanging, CliConfig(), Runner(hanging, 1)))
    assert caught.value.reason is Reason.DISCOVERY_TIMEOUT


async def test_a_subcommand_that_hangs_costs_its_own_time_only(explore, tmp_path, monkeypatch):
    monkeypatch.setattr(explorer_module, "HELP_SECONDS", 1.0)
    (tmp_path / "slow").touch()
    tools = await tools_of(explore())
    assert [tool.name for tool in tools] == ["app_get", "app_set", "app_odd"]
    assert all([*tool.parameters] == ["args"] for tool in tools)


async def test_a_look_that_runs_out_of_time_goes_on_where_it_ended(explore, tmp_path):
    (tmp_path / "slow").touch()
    explorer = explore()
    with pytest.raises(UpstreamError, match="printed 1 help texts, and not all of them in time") as caught:
        await tools_of(explorer, within=1.5)
    assert caught.value.retryable
    (tmp_path / "slow").unlink()
    (tmp_path / "asked").unlink()
    assert len(await tools_of(explorer)) == 4
    assert "--help" not in asked(tmp_path)
    explorer.forget()
    await tools_of(explorer)
    assert "--help" in asked(tmp_path)


async def test_a_program_with_too_many_subcommands_is_asked_only_so_often(explore, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(explorer_module, "MAX_HELPS", 2)
    assert len(await tools_of(explore())) >= 3
    assert len(asked(tmp_path)) == 2
    assert "has more than 2 subcommands" in caplog.text


async def test_presets_ask_nobody(explore, tmp_path):
    presets = [{"name": "one", "args": ["a"]}, {"name": "two", "description": "d"}]
    tools = await Explorer(
        "x",
        Program("/opt/none"),
        CliConfig.model_validate({"presets": presets, "stdin": True, "read_only": ["two"]}),
        Runner(Program("x"), 1),
    ).tools(0)
    assert [(tool.name, tool.words, tool.description, tool.stdin, tool.read_only) for tool in tools] == [
        ("one", ("a",), "Runs none", True, False),
        ("two", (), "d", True, True),
    ]


def test_a_program_is_another_one_when_its_files_are(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("1")
    program = Program("python3", ["script.py", "\0"], cwd=str(tmp_path))
    before = identity_of(program)
    assert identity_of(program) == before
    script.write_text("22")
    assert identity_of(program) != before
