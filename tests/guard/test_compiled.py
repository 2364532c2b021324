"""What is not configured is not there."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("more", "loaded"), [("", False), ("tools={'deny': ['x']}", True)])
def test_the_library_is_loaded_by_the_first_server_that_is_guarded(more, loaded):
    code = (
        "import asyncio, sys\n"
        "from mcp_stack_proxy.config import ProxyConfig\n"
        "from mcp_stack_proxy.serve.gateway import Gateway\n"
        f"server = dict(url='http://127.0.0.1:1/mcp', {more})\n"
        "async def main(): return Gateway(ProxyConfig.model_validate({'servers': {'a': server}}))\n"
        "asyncio.run(main())\n"
        "print('jsonschema_rs' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(ROOT / "proxy")}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(loaded)
