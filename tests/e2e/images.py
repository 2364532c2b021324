"""The images that run on the node: the proxy's own, and one made from it with the example servers and the load."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cluster import Cluster
from tests.judges.stacks import ROOT

PROXY = "E2E_PROXY_IMAGE"
"""Variable that names a proxy image which the builder has; without it, it is built (`make image`)."""

NAME = "ghcr.io/acme/mcp-stack-e2e"
HERE = Path(__file__).parent
BUILD_SECONDS = 900


def image(cluster: Cluster, context: Path) -> str:
    """Reference by digest of the image, where the cluster's nodes can pull it."""
    if not cluster.given:
        _set(cluster.command("image-base"))
    elif "REGISTRY" not in os.environ:
        pytest.skip(
            "REGISTRY names no registry that both this machine and the nodes reach (kind: localhost:5001), so no image can run"
        )
    builder = next((name for name in ("buildah", "docker") if shutil.which(name)), None)
    if builder is None:
        pytest.skip("neither buildah nor docker is installed, so no image can be built")
    base = "docker.io/library/python:3.11-slim"
    proxy = os.environ.get(PROXY) or _proxy(base)
    for path in (HERE / "image").iterdir():
        shutil.copy(path, context)
    shutil.copytree(ROOT / "examples" / "servers", context / "servers", ignore=shutil.ignore_patterns("__pycache__"))
    pins = re.findall(r"^([\w.-]+==\S+)", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.MULTILINE)
    (context / "constraints.txt").write_text("\n".join(pins), "utf-8")
    flags = ["--layers", *shlex.split(os.environ.get("BUILDAH_FLAGS", ""))] if builder == "buildah" else []
    arguments = ["--build-arg", f"BASE={base}", "--build-arg", f"PROXY={proxy}", "-t", "mcp-stack-e2e:test", str(context)]
    _run(builder, "bud" if builder == "buildah" else "build", *flags, *arguments)
    if not cluster.given:
        return cluster.command("push", "mcp-stack-e2e:test", f"{NAME}:test").strip()
    target = f"{os.environ['REGISTRY']}/mcp-stack-e2e:test"
    if builder == "buildah":
        digest = context / "digest"
        _run("buildah", "push", "--tls-verify=false", "--digestfile", str(digest), "mcp-stack-e2e:test", f"docker://{target}")
        return f"{target.rpartition(':')[0]}@{digest.read_text('utf-8')}"
    _run("docker", "tag", "mcp-stack-e2e:test", target)
    _run("docker", "push", target)
    return _run("docker", "inspect", "--format", "{{index .RepoDigests 0}}", target).strip()


def _proxy(base: str) -> str:
    tag = "mcp-stack-proxy:e2e"
    _run(sys.executable, "-m", "tools.image", "--base", base, "--tag", tag, "--cached")
    return f"localhost/{tag}" if shutil.which("buildah") else tag


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=BUILD_SECONDS)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _set(exports: str) -> None:
    """Takes over what a command prints for a shell."""
    for line in exports.splitlines():
        for assignment in shlex.split(line.removeprefix("export ")):
            name, _, value = assignment.partition("=")
            os.environ[name] = value
