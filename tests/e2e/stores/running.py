"""The stand-ins at work, in a thread of the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.api import Api, ApiError
from tests.e2e.stores.external_secrets import ExternalSecrets
from tests.e2e.stores.operator import InfisicalOperator
from tests.e2e.stores.reloader import Reloader

PAUSE_SECONDS = 0.5


class Controllers:
    """All of them for one namespace, one after the other, twice a second."""

    def __init__(self, api: Api, namespace: str, aws: str) -> None:
        self._workers = (ExternalSecrets(api, namespace, aws), InfisicalOperator(api, namespace), Reloader(api, namespace))
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.failure: Exception | None = None
        """What ended them before their time: a fault of the stand-ins themselves."""

    def _run(self) -> None:
        while not self._end.wait(PAUSE_SECONDS):
            for worker in self._workers:
                try:
                    worker.look()
                except ApiError as error:
                    if not error.overtaken:
                        self.failure = error
                        return
                except Exception as error:
                    self.failure = error
                    return

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends, and raises what they failed by."""
        self._end.set()
        self._thread.join(30)
        if self.failure is not None:
            raise self.failure


@contextmanager
def controlling(api: Api, namespace: str, aws: str) -> Iterator[Controllers]:
    """Controllers of a namespace until the end of the block. `aws`: address of AWS."""
    found = Controllers(api, namespace, aws)
    found.start()
    try:
        yield found
    finally:
        found.stop()
