"""`python -m tools.reference`: write the reference pages; `--check` only says which are stale (exit code 1)."""

import sys
from pathlib import Path

from mcp_stack.spec.stack import StackFile
from mcp_stack_proxy.config import ProxyConfig

from .page import page

DOCS = Path(__file__).resolve().parents[2] / "docs"

_WRITTEN = "Written by `make reference` from the models; change those, not this page."

STACK = f"""
One environment: `Pulumi.<stack>.yaml` of the project `mcp-stack` holds it under `config: mcp-stack:stack`; in another
project its name (Pulumi.yaml) stands first. {_WRITTEN}

Every key acts. What is unknown, does nothing for that kind of server, or contradicts something else is refused before anything is
deployed, with all other problems and the path of each. `mcp-stack schema` prints the JSON Schema for editors.
"""

PROXY = f"""
What `mcp-stack-proxy serve --config FILE` reads. {_WRITTEN}

FILE is YAML or JSON in this form, or a client's `servers.json` (`mcpServers`, comments allowed). Without `--config` the proxy
takes `MCP_SERVERS_CONFIG` (the text itself), `MCP_CONFIG_PATH` (a file), `MCP_CONFIG_DIR`/servers.json, or
~/.config/mcp/servers.json, in this order. `${{VAR}}` and `${{VAR:-default}}` in any text are filled after parsing, from the
environment and from the files in `MCP_VARIABLES_DIR` (one file per variable, as Kubernetes mounts a Secret); `$$` is a plain `$`.
A variable that is missing stops the start.

The file that `authentication.api_keys` names is a list of `{{subject: ci, roles: [reader], hash: "sha256:…"}}`, one entry for each
key; a subject may have several. `mcp-stack-proxy new-key` makes keys and entries. A key has at least 32 characters, and callers
show it as `Authorization: Bearer KEY` or `X-API-Key: KEY`, once. Health endpoints ask nobody.

The file that `sessions.keys` names has one key a line, 32 bytes in base64, the newest first (`mcp-stack-proxy new-session-key`);
`#` begins a comment. All of them open, and the first seals: where there are several, from two minutes after the file was written,
when every replica has it. A session lasts a week at most, and its key is needed as long.
"""


def pages() -> dict[Path, str]:
    """Every reference page by its path."""
    return {
        DOCS / "stack-file.md": page(StackFile, "The stack file", STACK, "Stack"),
        DOCS / "proxy-configuration.md": page(ProxyConfig, "The proxy's configuration", PROXY, "Proxy"),
    }


def main(check: bool) -> int:
    """Exit code: 1 for a stale page that was only to be checked."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.name} is stale: run `make reference`")
        else:
            path.write_text(pages()[path], "utf-8")
            print(f"wrote docs/{path.name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
