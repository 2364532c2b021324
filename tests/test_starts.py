"""What a start loads: the modules that a program, a command or a process does not use stay on the disk, and so does the source."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

REPORT = """
import json, linecache
parsed = [name for name in linecache.cache if any(f"/{room}/" in name for room in ("config", "spec", "args"))]
sys.stderr.write("\\n" + json.dumps({"modules": sorted(sys.modules), "parsed": parsed}))
"""

COMMAND = "import sys\nfrom mcp_stack.cli import main\ntry:\n    main({})\nexcept SystemExit:\n    pass\n"

SDK = {"pulumi", "grpc", "pulumi_kubernetes"}
TYPES = {f"pulumi_kubernetes.{one}._inputs" for one in ("core.v1", "apps.v1", "meta.v1", "networking.v1", "autoscaling.v2")}
"""Types of the API's kinds. Loading those of `core.v1` costs as much as all of Pulumi's SDK."""
CLUSTER = {"lightkube", "httpx", "httpx2", "mcp_stack.cluster"}
SCHEMA = {"mcp_stack.spec.arguments", "mcp_stack.spec.refined", "pulumi.provider"}
SERVER = {"msgspec", "uvloop", "httptools", "mcp_stack_proxy.serve"}
STORES = {"boto3", "botocore"}


def started(code):
    """Modules that are loaded when `code` has run in a fresh interpreter, and files of models whose source was read."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\n{REPORT}"], capture_output=True, text=True, timeout=60, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stderr.splitlines()[-1])
    return set(told["modules"]), told["parsed"]


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import mcp_stack.program", TYPES | CLUSTER | SCHEMA | SERVER | STORES | {"mcp_stack.preview", "docker"}),
        (COMMAND.format(["render", "--stack", "staging"]), TYPES | CLUSTER | SCHEMA | SERVER | STORES | {"mcp_stack_policy"}),
        ("from mcp_stack.package import Package\nPackage()", TYPES | CLUSTER | SERVER | STORES | {"pulumi_docker_build"}),
        (COMMAND.format(["--help"]), SDK | CLUSTER | SERVER | {"pydantic", "yaml", "asyncio"}),
        (COMMAND.format(["render", "--help"]), SDK | CLUSTER | SERVER | {"pydantic", "yaml", "asyncio"}),
        (COMMAND.format(["schema"]), SDK | CLUSTER | SERVER | {"asyncio", "mcp_stack.preview"}),
        (COMMAND.format(["import", "Pulumi.yaml"]), SDK | CLUSTER | SERVER | {"asyncio", "mcp_stack.preview"}),
        (
            "import mcp_stack_proxy.cli, mcp_stack_proxy.serve.process",
            STORES
            | {"mcp_stack_proxy.upstream.cli", "mcp_stack_proxy.backup.command", "http.client", "jsonschema_rs", "cryptography"},
        ),
    ],
    ids=["program", "render", "package", "help", "help of a command", "schema", "import", "proxy"],
)
def test_a_start_loads_what_it_uses(code, absent):
    modules, _ = started(code)
    assert modules & absent == set()


@pytest.mark.parametrize(
    "code",
    [
        "import mcp_stack.program",
        COMMAND.format(["render", "--stack", "staging"]),
        "from mcp_stack.package import Package\nPackage()",
        "import mcp_stack_proxy.cli, mcp_stack_proxy.serve.process",
    ],
    ids=["program", "render", "package", "proxy"],
)
def test_docstrings_are_read_where_somebody_asks_for_them_and_not_at_a_start(code):
    _, parsed = started(code)
    assert parsed == []


def test_a_schema_does_ask_for_them():
    """What the tests above would see."""
    _, parsed = started("from mcp_stack_proxy.config import ProxyConfig\nProxyConfig.model_json_schema()")
    assert any(name.endswith("config/model.py") for name in parsed)
