"""The stack that a controller reads: what its file says, and who looks at it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.judges.stacks import ROOT

STACK, NAMESPACE = "exposed", "mcp-exposed"
CERTIFICATES = {"wildcard": ("*.example.com", "*.exposed.example.com"), "corp": ("*.corp.example",)}
REPLICAS = {"exposed-gateway": 1, "exposed-notes": 1, "exposed-bare": 2}

PAGE = "https://app.example.net"
LIMIT = 5

GATEWAY = ("https://mcp.exposed.example.com/mcp", "https://mcp.corp.example/mcp")
NOTES = ("https://mcp-notes.exposed.example.com/mcp", "https://tools.corp.example/notes/mcp")
BARE = ("https://tools.example.com/bare", "https://bare.corp.example")
"""Each by Gateway API, then by Ingress. Of `BARE`, what its paths begin with."""

LIMITED = ("https://limited.example.com", "https://limited.corp.example")


def stack(classes: str) -> dict[str, Any]:
    """Each part by Gateway API and by Ingress: a gateway, a wrapped stdio server, and a server with two pods and no proxy."""

    pages = {"cors": {"origins": [PAGE]}}

    def inner(host: str, **more: Any) -> dict[str, Any]:
        return {
            **pages,  # what is said of another way of exposing is not taken over
            "via": "ingress",
            "ingress_class": classes,
            "controller": "traefik",
            "host": host,
            "tls": {"secret": "corp"},
            **more,
        }

    image = {"repository": "ghcr.io/acme/mcp-stack-proxy", "tag": "0.1.0"}
    limit = {"rate_limit": {"requests": LIMIT, "per": "minute"}}
    return {
        "namespace": {"name": NAMESPACE},
        "domain": "example.com",
        "proxy": {"image": image},
        "exposure": {
            "gateway": {"gateway_class": classes},
            "controller": "traefik-gateway",
            "tls": {"secret": "wildcard"},
            **pages,
        },
        "gateway": {"trust_network": True, "exposure": {}, "exposures": {"inner": inner("mcp.corp.example")}},
        "servers": {
            "notes": {
                "command": [sys.executable, "-m", "tests.serve.followed"],
                "exposure": {},
                "exposures": {"inner": inner("tools.corp.example", path="/notes", rewrite="/")},
            },
            "bare": {
                "image": image,
                "command": [sys.executable, "-m", "tests.e2e.controllers.server", "0.0.0.0", "8000"],
                "replicas": 2,
                "exposure": {"host": "tools.example.com", "path": "/bare", "rewrite": "/"},
                "exposures": {
                    "inner": inner("bare.corp.example", affinity="cookie"),
                    "limited": {"host": "limited.example.com", **limit},
                    "limited-inner": inner("limited.corp.example", affinity="cookie", **limit),
                },
            },
        },
    }


def diagnosed(project: Path) -> list[Mapping[str, str]]:
    """What `mcp-stack diagnose` finds."""
    command = [sys.executable, "-m", "mcp_stack.cli", "diagnose", "--project", str(project), "--stack", STACK, "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert "not looked at" not in done.stderr, done.stderr
    found = json.loads(done.stdout)
    assert done.returncode == (1 if found else 0), done.stderr
    return found
