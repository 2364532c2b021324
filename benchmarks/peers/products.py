"""The others, each as its documentation has it. Versions are what was newest when they were added; a new one is one line here."""

import json
import secrets
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..asks import Ask
from ..targets import BIN, free_port
from .contender import Contender, Playing, Stage, playing
from .installed import Package, install

MCP_PROXY = Package("pypi", "mcp-proxy", "0.13.0")
FASTMCP = Package("pypi", "fastmcp", "4.1.6", overrides=("certifi>=2026.10.18",))
HANGAR = Package("pypi", "mcp-hangar", "2.34.4")
CONTEXTFORGE = Package("pypi", "mcp-contextforge-gateway", "1.1.0", python="3.12")
SUPERGATEWAY = Package("npm", "supergateway", "4.0.0")

_SCRIPTS = Path(__file__).parent / "fastmcp_servers.py"


def _legacy(tool: str) -> Ask:
    return Ask(tool, legacy=True)


@contextmanager
def _mcp_proxy(stage: Stage) -> Iterator[Playing]:
    install(MCP_PROXY)
    port = free_port()
    command = [MCP_PROXY.programs / "mcp-proxy", "--log-level", "ERROR", "--host", "127.0.0.1", "--port", str(port), "--"]
    with playing([*command, stage.program, "-"], f"http://127.0.0.1:{port}/mcp", _legacy, stage.directory) as it:
        yield it


@contextmanager
def _supergateway(stage: Stage) -> Iterator[Playing]:
    install(SUPERGATEWAY)
    port = free_port()
    program = SUPERGATEWAY.directory / "node_modules" / "supergateway" / "dist" / "index.js"
    options = ["--stdio", f"{stage.program} -", "--outputTransport", "streamableHttp", "--stateful", "--logLevel", "none"]
    command = [BIN / "node", program, *options, "--port", str(port)]
    with playing(command, f"http://127.0.0.1:{port}/mcp", _legacy, stage.directory) as it:
        yield it


def _fastmcp(kind: str):
    @contextmanager
    def play(stage: Stage, servers: int = 1) -> Iterator[Playing]:
        install(FASTMCP)
        port, many = free_port(), servers > 1
        url = f"http://{stage.server}/many/mcp" if many else stage.url
        command = [FASTMCP.programs / "python", _SCRIPTS, kind, url, str(port), str(servers)]
        with playing(command, f"http://127.0.0.1:{port}/mcp", Ask, stage.directory, listing=many) as it:
            yield it

    return play


@contextmanager
def _hangar(stage: Stage) -> Iterator[Playing]:
    install(HANGAR)
    port = free_port()
    config = stage.directory / "config.yaml"
    config.write_text(json.dumps({"mcp_servers": {"stub": {"mode": "remote", "endpoint": stage.url}}}))
    command = [HANGAR.programs / "mcp-hangar", "serve", "--http", "--log-level", "ERROR", "--port", str(port), "--config", config]

    def named(tool: str) -> Ask:
        call = {"mcp_server": "stub", "tool": tool, "arguments": {"query": "weather in Berlin"}}
        return Ask("hangar_call", arguments={"calls": [call]})

    with playing(command, f"http://127.0.0.1:{port}/mcp", named, stage.directory) as it:
        yield it


@contextmanager
def _contextforge(stage: Stage) -> Iterator[Playing]:
    install(CONTEXTFORGE)
    port = free_port()
    names = ("JWT_SECRET_KEY", "AUTH_ENCRYPTION_SECRET", "BASIC_AUTH_PASSWORD", "PLATFORM_ADMIN_PASSWORD", "DEFAULT_USER_PASSWORD")
    settings = {name: f"{secrets.token_urlsafe(48)}-_Aa1" for name in names} | {
        "DATABASE_URL": "sqlite:///./mcp.db",
        "CACHE_TYPE": "memory",
        "PLUGINS_ENABLED": "false",
        "MCPGATEWAY_UI_ENABLED": "false",
        "LOG_LEVEL": "ERROR",
        "RATE_LIMITING_ENABLED": "false",
        "SSRF_ALLOW_LOCALHOST": "true",
        "SSRF_ALLOW_PRIVATE_NETWORKS": "true",
        "PLATFORM_ADMIN_EMAIL": "admin@example.com",
        "PATH": "/usr/bin:/bin",
        "HOME": str(stage.directory),
    }
    base = f"http://127.0.0.1:{port}"

    def register() -> dict[str, str]:
        command = [CONTEXTFORGE.programs / "python", "-m", "mcpgateway.utils.create_jwt_token", "--username", "admin@example.com"]
        command += ["--exp", "600", "--secret", settings["JWT_SECRET_KEY"]]
        made = subprocess.run(command, cwd=stage.directory, env=settings, capture_output=True, text=True, check=False, timeout=60)
        headers = {"Authorization": f"Bearer {(made.stdout.split() or [''])[-1]}"}
        body = json.dumps({"name": "bench", "url": stage.url, "transport": "STREAMABLEHTTP"}).encode()
        request = urllib.request.Request(f"{base}/gateways", body, {**headers, "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60):
            return headers

    listen = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command = [CONTEXTFORGE.programs / "mcpgateway", "mcpgateway.main:app", *listen]
    with playing(
        command,
        f"{base}/mcp/",
        lambda tool: Ask(f"bench-{tool}", legacy=True),
        stage.directory,
        environment=settings,
        prepare=register,
    ) as it:
        yield it


PRODUCTS = (
    Contender("mcp-proxy", MCP_PROXY.version, "HTTP to a stdio server, one session: no HTTP client on its way", _mcp_proxy),
    Contender("FastMCP, shared client", FASTMCP.version, "FastMCPProxy with one connected client for all", _fastmcp("shared")),
    Contender(
        "FastMCP, default", FASTMCP.version, "create_proxy(url): a client per request", _fastmcp("default"), _fastmcp("default")
    ),
    Contender("mcp-hangar", HANGAR.version, "through `hangar_call`, its batch tool, which answers four times as much", _hangar),
    Contender(
        "ContextForge",
        CONTEXTFORGE.version,
        "its small installation: SQLite, JWT, one worker; no plugins, no rate limit",
        _contextforge,
    ),
    Contender("supergateway", SUPERGATEWAY.version, "Node, HTTP to a stdio server, one session: no HTTP client", _supergateway),
)
