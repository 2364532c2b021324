from pathlib import Path

import pytest

from mcp_stack import args
from mcp_stack.spec import GatewaySpec, ServerSpec, StackFile
from mcp_stack.spec.arguments import argument_modules, write

DIRECTORY = Path(args.__file__).parent


@pytest.mark.parametrize("name", argument_modules())
def test_the_committed_arguments_are_those_of_the_models(name):
    written = (DIRECTORY / name).read_text(encoding="utf-8")
    assert written == argument_modules()[name], "run `python -m mcp_stack.spec.arguments` in components/"


def test_no_other_module_is_there():
    assert {path.name for path in DIRECTORY.glob("*.py")} == set(argument_modules())


def keys(arguments):
    return set(arguments.__annotations__)


def test_the_components_take_the_keys_of_the_stack_file():
    context = {"stack", "source", "secret_values"}
    assert keys(args.McpStackArgs) == set(StackFile.model_fields) | context
    assert keys(args.McpServerArgs) > set(ServerSpec.model_fields) - {
        "enabled",
        "formerly",
        "namespace",
        "in_gateway",
        "tools",
        "validation",
        "local",
        "url",
        "headers",
    }
    assert keys(args.McpGatewayArgs) > set(GatewaySpec.model_fields) - {"enabled"}


def test_what_is_the_proxys_own_stands_by_itself_and_refers_to_nothing_else():
    text = argument_modules()["proxy.py"]
    assert "class VirtualServerArgs" in text
    assert "class AuthenticationArgs" not in text
    assert "from ." not in text


def test_only_what_the_models_demand_is_required():
    assert args.McpGatewayArgs.__required_keys__ == {"servers"}
    assert args.McpStackArgs.__required_keys__ == args.McpServerArgs.__required_keys__ == frozenset()


def test_writing_them_gives_what_is_committed(tmp_path):
    write(tmp_path / "args")
    assert {path.name: path.read_text() for path in (tmp_path / "args").iterdir()} == argument_modules()
