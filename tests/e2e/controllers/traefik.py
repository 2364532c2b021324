"""Traefik itself: built from its Go module, then run beside the API server, with the settings that its chart has.

What is built is the module as it was released, by its own `go.mod` and `go.sum`; of what a release holds, only the pages of its
dashboard are missing, which stand in no module. Nothing here changes how it forwards.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.controllers.network import Network

MODULE, VERSION = "github.com/traefik/traefik/v3", "v3.6.12"
"""The newest whose modules, the forks that it asks for among them, the public module mirror has."""

SUM = "h1:6pe4s7aaDTQs+AsF7KP3sM/xnq7zOVvibRQe5tw9eFo="
"""As the checksum database has it (sum.golang.org)."""

BUILD_SECONDS = 3600
"""A cold build compiles some two thousand packages."""

CLASS = "traefik"
DEFINITIONS = "docs/content/reference/dynamic-configuration"
"""Where the module has the definitions of Traefik's own kinds."""

OBJECTS: tuple[Mapping[str, Any], ...] = (
    {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "GatewayClass",
        "metadata": {"name": CLASS},
        "spec": {"controllerName": "traefik.io/gateway-controller"},
    },
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": CLASS},
        "spec": {"controller": "traefik.io/ingress-controller"},
    },
)
"""What its chart installs beside it, for whoever names the class."""


def program() -> Path:
    """Its program, which is built once for this machine; skips where that cannot be done."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "mcp-stack-e2e"
    path = cache / f"traefik-{VERSION}"
    if not path.is_file():
        if "CI" in os.environ:
            pytest.skip(f"no Traefik {VERSION} in {cache}; building it takes ten minutes of CPU, for which $CI has to be unset")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as directory:
            source = Path(directory) / "source"
            shutil.copytree(module(), source, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("integration", "docs"))
            built = Path(directory) / "traefik"
            _go("build", "-trimpath", "-ldflags", "-s -w", "-o", str(built), "./cmd/traefik", cwd=source)
            built.rename(path)
    return path


def module() -> Path:
    """Directory of its module."""
    if shutil.which("go") is None:
        pytest.skip("no `go` on PATH, so Traefik cannot be built and no controller reads our objects")
    found = json.loads(_go("mod", "download", "-json", f"{MODULE}@{VERSION}", cwd=Path.home()))
    assert found["Sum"] == SUM, found
    return Path(found["Dir"])


def definitions() -> Iterator[dict[str, Any]]:
    """Of Traefik's own kinds."""
    for path in sorted((module() / DEFINITIONS).glob("traefik.io_*.yaml")):
        yield yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)


@contextmanager
def forwarding(network: Network, kubeconfig: str, log: Path) -> Iterator[None]:
    """Traefik on ports 80 and 443 of the cluster's address, as its chart starts it, until the end of the block."""
    address = network.address
    settings = {
        "entrypoints.web.address": f"{address}:80",
        "entrypoints.websecure.address": f"{address}:443",
        "entrypoints.websecure.http.tls": "true",
        "providers.kubernetesgateway": "true",
        "providers.kubernetesgateway.statusaddress.ip": address,
        "providers.kubernetesingress": "true",
        "providers.kubernetesingress.ingressendpoint.ip": address,
        "providers.kubernetescrd": "true",
        "global.checknewversion": "false",
        "global.sendanonymoususage": "false",
        "log.level": "INFO",
        "log.nocolor": "true",
    }
    command = network.command(str(program()), *(f"--{key}={value}" for key, value in settings.items()))
    with log.open("wb") as output:
        environment = {**os.environ, "KUBECONFIG": kubeconfig}
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
        assert process.poll() is None, log.read_text("utf-8")
    finally:
        process.terminate()
        process.wait(60)


def _go(*arguments: str, cwd: Path) -> str:
    """Output of a command; skips with the last that it says where it fails."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false"}
    done = subprocess.run(
        ["go", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=BUILD_SECONDS
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        pytest.skip(f"Traefik {VERSION} cannot be built here: {' '.join(said)}")
    return done.stdout
