"""The conformance fixture without its handshake: run by the Python of `.venv-fixture`, it prints where it listens."""

import sys
from pathlib import Path

import uvicorn
from mcp_everything_server.server import mcp

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.serve.eras import modern_only

if __name__ == "__main__":
    uvicorn.run(modern_only(mcp.streamable_http_app()), host="127.0.0.1", port=0)
