"""The journeys of all stacks, a few at a time, in processes of their own that import our code once, not once a stack."""

import multiprocessing
import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.pool import Pool
from pathlib import Path

from mcp_stack.manifests import retained
from tests.e2e.api import Api
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.journey import Steps, Ticket, travel
from tests.e2e.waiting import until
from tests.judges.stacks import OF_FILES, OF_FILES_NAMES, rendered

AT_ONCE = int(os.environ.get("E2E_AT_ONCE", "2"))
"""Most of a journey's time is CPU, of its own process and of an engine."""

JOURNEY_SECONDS = 600

AWAITED = ("mcp-staging", "mpl")
"""Namespaces of other tests, too, which wait for the journeys through them (`Journeys.over`)."""


@dataclass(frozen=True)
class Surroundings:
    """Where all journeys go."""

    api: Api
    provider_port: int
    endpoint: str
    """Of S3."""

    secrets_provider: str
    """As `pulumi stack init --secrets-provider` takes it."""

    home: Path
    work: Path

    def ticket(self, project: Path, stack: str, name: str) -> Ticket:
        """For one stack, whose state is in a bucket of its own."""
        bucket = Bucket(self.endpoint, f"state-{name}")
        environment = engine_environment(self.home, bucket, self.provider_port)
        return Ticket(project, stack, self.work / name, self.api.port, bucket, environment, self.secrets_provider)


class Journeys:
    """What came of every stack's journey. Stacks that share a namespace go one after the other."""

    def __init__(self, surroundings: Surroundings | None, names: list[str]) -> None:
        """Begins them in the background; without surroundings there are no names."""
        self._groups: dict[str, list[int]] = {}
        for index, name in enumerate(OF_FILES_NAMES):
            if name in names:
                namespaces = {item.namespace for item in rendered(*OF_FILES[index]).objects if item.namespace}
                self._groups.setdefault(min(namespaces), []).append(index)
        self._results: dict[str, Future[Steps]] = {name: Future() for name in names}
        self._threads = ThreadPoolExecutor(AT_ONCE)
        self._processes = multiprocessing.get_context("spawn").Pool(min(AT_ONCE, len(self._groups))) if surroundings else None
        for namespace in sorted(self._groups, key=lambda namespace: (namespace not in AWAITED, -len(self._groups[namespace]))):
            self._threads.submit(self._run, self._groups[namespace], surroundings, self._processes)

    def steps(self, name: str) -> Steps:
        """What the steps of the stack saw, once its journey has ended."""
        return self._results[name].result(JOURNEY_SECONDS * len(OF_FILES))

    def over(self, namespace: str) -> None:
        """Waits until all journeys through `namespace` have ended, however they did."""
        for index in self._groups.get(namespace, []):
            self._results[OF_FILES_NAMES[index]].exception(JOURNEY_SECONDS * len(OF_FILES))

    def _run(self, group: list[int], surroundings: Surroundings, processes: Pool) -> None:
        for index in group:
            future = self._results[OF_FILES_NAMES[index]]
            try:
                future.set_result(through(surroundings, processes, *OF_FILES[index], OF_FILES_NAMES[index]))
            except Exception as error:
                future.set_exception(error)

    def close(self) -> None:
        """Waits for those that are on their way."""
        self._threads.shutdown(cancel_futures=True)
        if self._processes is not None:
            self._processes.terminate()


def through(surroundings: Surroundings, processes: Pool, project: Path, stack: str, name: str) -> Steps:
    """One journey, in namespaces that are there where the stack says that they are."""
    api = surroundings.api
    made = {item.namespace for item in rendered(project, stack).objects if item.namespace}
    ours = [item for item in rendered(project, stack).objects if item.kind == "Namespace"]
    made -= {item.name for item in ours}
    for namespace in made:
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, "e2e")
    ticket = surroundings.ticket(project, stack, name)
    steps = processes.apply_async(travel, (ticket,)).get(JOURNEY_SECONDS)
    left = made | {item.name for item in ours if retained(item.plain)}
    api.delete(*(f"/api/v1/namespaces/{namespace}" for namespace in left))
    until(lambda: ticket.bucket.keys(".pulumi/locks/") == [], 5, "the locks of the state to be released")
    return steps
