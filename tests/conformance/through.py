"""What the suite's client leg runs: the SDK's conformance client, which comes through our proxy to the suite's server.

`python through.py ROUTE URL`: ROUTE is `one` or `all`; the proxy and the client end with it, and its exit code is the client's.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.conformance.processes import serving
from tests.conformance.routes import CLIENT, PROXY


async def main(route: str, url: str) -> int:
    with tempfile.TemporaryDirectory(prefix="mcp-stack-conformance-") as name:
        config = Path(name) / "proxy.yaml"
        config.write_text(yaml.safe_dump({"servers": {"suite": {"url": url, "namespace": ""}}}))
        async with serving(PROXY, "serve", "--config", config, "--listen", "127.0.0.1:0") as proxy:
            endpoint = f"{proxy}/mcp" if route == "all" else f"{proxy}/servers/suite/mcp"
            client = await asyncio.create_subprocess_exec(*CLIENT, endpoint, env=os.environ)
            return await client.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
