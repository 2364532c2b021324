"""The cluster, the state's bucket and the provider, once for all tests; everything that was made is gone at the end."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcp_stack.manifests import retained
from tests.e2e.api import Api, connected
from tests.e2e.cluster import Cluster
from tests.e2e.engine import Bucket, engine_environment, s3
from tests.e2e.language_host import install
from tests.e2e.provider import Provider, serving
from tests.e2e.waiting import until
from tests.judges.stacks import OF_FILES, OF_FILES_NAMES, ROOT, rendered

JOURNEYS_AT_ONCE = int(os.environ.get("E2E_AT_ONCE", "2"))
"""Each is a Python process and an engine; most of a journey's time is CPU."""

JOURNEY_SECONDS = 600

AWAITED = ("mcp-staging", "mpl")
"""Namespaces of other tests, too, which wait for the journeys through them (`Journeys.over`)."""

CRDS = "MCP_STACK_CRDS"

EXTENSIONS, DEFINITION = "apiextensions.k8s.io/v1", "CustomResourceDefinition"

Steps = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A control plane."""
    found = Cluster()
    found.build()
    found.up("control")
    yield found
    if "E2E_KEEP" not in os.environ:
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
def definitions(cluster: Cluster, api: Api) -> Iterator[None]:
    """Definitions of every API that a stack may use. From a cluster that was given, those that were added go again."""
    before = {one["metadata"]["name"] for one in api.list(EXTENSIONS, DEFINITION)}
    if not cluster.given:
        cluster.command("crds")
    place = Path(os.environ[CRDS]) if CRDS in os.environ else ROOT.parent / "shared" / "crds"
    for path in sorted(place.glob("*.yaml")):
        for document in yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader):
            if document and document.get("kind") == DEFINITION and document["metadata"]["name"] not in before:
                api.apply(document, "e2e-crds", force=True)
    for one in api.list(EXTENSIONS, DEFINITION):
        api.wait(api.path(EXTENSIONS, DEFINITION, name=one["metadata"]["name"]), is_served, 30, "to be served")
    yield
    if cluster.given:
        for one in api.list(EXTENSIONS, DEFINITION):
            if one["metadata"]["name"] not in before:
                api.delete(api.path(EXTENSIONS, DEFINITION, name=one["metadata"]["name"]))


def is_served(definition: Mapping[str, Any]) -> bool:
    return any(
        one["type"] == "Established" and one["status"] == "True" for one in definition.get("status", {}).get("conditions", [])
    )


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
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of the language host, for the PATH of one command."""
    directory = tmp_path_factory.mktemp("hosts")
    install(directory, ROOT)
    return directory


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's host as a plugin for the PATH; a released CLI starts the same by PulumiPlugin.yaml and its Python host."""
    script = tmp_path_factory.mktemp("plugins") / "pulumi-resource-mcp-stack"
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(ROOT / "components"))} "$@"\n', "utf-8")
    script.chmod(0o755)
    return script


class Journeys:
    """The ways of all stacks, a few at once, beside the other tests; stacks that share a namespace one after the other."""

    def __init__(self, start: Any, names: list[str]) -> None:
        self._groups: dict[str, list[int]] = {}
        for index, name in enumerate(OF_FILES_NAMES):
            if name in names:
                namespaces = {item.namespace for item in rendered(*OF_FILES[index]).objects if item.namespace}
                self._groups.setdefault(min(namespaces), []).append(index)
        self._start = start
        self._results: dict[str, Future[Steps]] = {name: Future() for name in names}
        self._pool = ThreadPoolExecutor(JOURNEYS_AT_ONCE)
        for namespace in sorted(self._groups, key=lambda namespace: (namespace not in AWAITED, -len(self._groups[namespace]))):
            self._pool.submit(self._run, self._groups[namespace])

    def steps(self, name: str) -> Steps:
        """What the steps of the stack saw, once its journey has ended."""
        return self._results[name].result(JOURNEY_SECONDS * len(OF_FILES))

    def over(self, namespace: str) -> None:
        """Waits until all journeys through `namespace` have ended, however they did."""
        for index in self._groups.get(namespace, []):
            self._results[OF_FILES_NAMES[index]].exception(JOURNEY_SECONDS * len(OF_FILES))

    def _run(self, group: list[int]) -> None:
        for index in group:
            future = self._results[OF_FILES_NAMES[index]]
            try:
                future.set_result(self._start(*OF_FILES[index], OF_FILES_NAMES[index]))
            except Exception as error:
                future.set_exception(error)

    def close(self) -> None:
        """Waits for those that run."""
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session", autouse=True)
def journeys(request: pytest.FixtureRequest) -> Iterator[Journeys]:
    """Journeys of the stacks that a selected test asks for, begun before the first test."""
    params = [getattr(item, "callspec", None) for item in request.session.items if item.path.name == "test_stacks.py"]
    wanted = sorted({spec.params["name"] for spec in params if spec is not None})
    start = request.getfixturevalue("travelling") if wanted else None
    found = Journeys(start, wanted)
    yield found
    found.close()


@pytest.fixture(scope="session")
def travelling(
    api: Api, definitions: None, provider: tuple[Provider, int], endpoint: str, pulumi_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Path, str, str], Steps]:  # fmt: skip
    """Takes one stack on its journey."""

    def start(project: Path, stack: str, name: str) -> Steps:
        return journey(
            api, provider[1], Bucket(endpoint, f"state-{name}"), pulumi_home, tmp_path_factory.mktemp(name), project, stack
        )

    return start


def journey(api: Api, port: int, bucket: Bucket, home: Path, work: Path, project: Path, stack: str) -> Steps:
    """Runs tests/e2e/journey.py, in namespaces that are there where the stack says that they are."""
    made = {item.namespace for item in rendered(project, stack).objects if item.namespace}
    ours = [item for item in rendered(project, stack).objects if item.kind == "Namespace"]
    made -= {item.name for item in ours}
    for namespace in made:
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, "e2e")
    ask = {
        "project": str(project),
        "stack": stack,
        "work": str(work / "project"),
        "api_port": api.port,
        "environment": dict(engine_environment(home, bucket, port)),
    }
    (work / "request.json").write_text(json.dumps(ask), "utf-8")
    command = [sys.executable, "-m", "tests.e2e.journey", str(work / "request.json")]
    with (work / "stderr").open("w", encoding="utf-8") as stderr:
        ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True, timeout=JOURNEY_SECONDS)
    for namespace in made | {item.name for item in ours if item.kind == "Namespace" and retained(item.plain)}:
        api.delete(f"/api/v1/namespaces/{namespace}")
    until(lambda: bucket.keys(".pulumi/locks/") == [], 5, "the locks of the state to be released")
    (work / "steps").write_text(ended.stdout, "utf-8")
    steps = {line["step"]: line for line in map(json.loads, ended.stdout.splitlines())}
    assert steps, (work / "stderr").read_text("utf-8")
    return steps


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for journeys comes late, their results as they end, and what needs a node last: pods run on it from then on."""
    late = ("test_sidecar.py", "test_cli.py", "test_gitops.py", "test_stacks.py")
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
