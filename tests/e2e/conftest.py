"""The cluster, the state's bucket and the provider, once for all tests; everything that was made is gone at the end."""

import os
import shlex
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.api import Api, connected
from tests.e2e.cluster import KEEP, Cluster
from tests.e2e.definitions import installed
from tests.e2e.engine import kms_key, s3
from tests.e2e.journeys import Journeys, Surroundings
from tests.e2e.language_host import install
from tests.e2e.provider import Provider, serving
from tests.e2e.warm import warm
from tests.judges.stacks import OF_FILES, OF_FILES_NAMES, ROOT


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A control plane."""
    found = Cluster()
    found.build()
    found.up("control")
    yield found
    if KEEP not in os.environ:
        found.down()


@pytest.fixture(scope="session")
def api(cluster: Cluster) -> Iterator[Api]:
    """The API server."""
    with connected(cluster.kubeconfig) as client:
        if not cluster.given:
            forget_dead_extensions(client)
        yield client


def forget_dead_extensions(api: Api) -> None:
    """A namespace does not end while an API that an earlier run has registered (metrics) is not served; `up` registers it again."""
    kind = "apiregistration.k8s.io/v1", "APIService"
    for one in api.list(*kind):
        conditions = {found["type"]: found["status"] for found in one.get("status", {}).get("conditions", [])}
        if conditions.get("Available") == "False":
            api.delete(api.path(*kind, name=one["metadata"]["name"]))


@pytest.fixture(scope="session")
def definitions(cluster: Cluster, api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Definitions of every API that a stack may use."""
    with installed(cluster, api, tmp_path_factory.mktemp("definitions")):
        yield


@pytest.fixture(scope="session")
def provider(api: Api) -> Iterator[tuple[Provider, int]]:
    """The test provider and its port."""
    with serving(api) as pair:
        yield pair


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Address of an S3."""
    with s3() as address:
        yield address


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the CLI keeps its own."""
    if shutil.which("pulumi") is None:
        pytest.fail("no `pulumi` on PATH; install the CLI (pulumi.com/docs/install)", pytrace=False)
    return tmp_path_factory.mktemp("pulumi")


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Python that has our code imported."""
    with warm(tmp_path_factory.mktemp("python")) as found:
        yield found


@pytest.fixture(scope="session")
def hosts(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of the language host, for the PATH of one command."""
    directory = tmp_path_factory.mktemp("hosts")
    install(directory, ROOT, python)
    return directory


@pytest.fixture(scope="session")
def plugin(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's host as a plugin for the PATH; a released CLI starts the same by PulumiPlugin.yaml and its Python host."""
    script = tmp_path_factory.mktemp("plugins") / "pulumi-resource-mcp-stack"
    script.write_text(f'#!/bin/sh\nexec {shlex.join([str(python), str(ROOT / "components")])} "$@"\n', "utf-8")
    script.chmod(0o755)
    return script


@pytest.fixture(scope="session", autouse=True)
def journeys(request: pytest.FixtureRequest) -> Iterator[Journeys]:
    """Journeys of the stacks that a selected test asks for, begun before the first test."""
    params = [getattr(item, "callspec", None) for item in request.session.items if item.path.name == "test_stacks.py"]
    wanted = sorted({spec.params["name"] for spec in params if spec is not None})
    found = Journeys(request.getfixturevalue("surroundings") if wanted else None, wanted)
    yield found
    found.close()


@pytest.fixture(scope="session")
def surroundings(
    api: Api, definitions: None, provider: tuple[Provider, int], endpoint: str, pulumi_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Surroundings:  # fmt: skip
    """Where the journeys go. What is secret in their states is sealed by a key in KMS; the other tests' by a passphrase."""
    return Surroundings(api, provider[1], endpoint, kms_key(endpoint), pulumi_home, tmp_path_factory.mktemp("journeys"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for others comes late: for streams that are to be quiet, for journeys, whose results are taken as they end. What
    needs a node comes last: pods run on it from then on."""
    late = ("test_quiet_streams.py", "test_sidecar.py", "test_cli.py", "test_gitops.py", "test_stacks.py")
    node = ("test_pods.py", "test_rotation.py", "test_volumes.py", "test_sidecar_pods.py")
    node += ("test_backups.py", "test_audit.py", "test_quiet_stream.py")
    turns = {name: turn for turn, name in enumerate((*late, *node), start=1)}

    def place(item: pytest.Item) -> tuple[int, int]:
        spec = getattr(item, "callspec", None)
        name = spec.params.get("name") if spec is not None else None
        return turns.get(item.path.name, 0), OF_FILES_NAMES.index(name) if name in OF_FILES_NAMES else 0

    items.sort(key=place)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says what the whole has taken, since that has a limit."""
    seconds = time.monotonic() - BEGAN
    terminalreporter.write_line(f"e2e: {seconds:.0f} s of wall time, {len(OF_FILES)} stacks")


BEGAN = time.monotonic()
