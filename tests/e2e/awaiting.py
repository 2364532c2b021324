"""How the released provider waits for an object with `pulumi.com/waitFor`, for the test provider.

From its documentation (pulumi.com/registry/packages/kubernetes, "Resource ready state and await logic") and its messages: ten
minutes unless the object or the program says otherwise, warnings of the API's events shown meanwhile, and then a resource that is
there and not ready. Of the expressions it knows `condition=NAME`, the only kind that our objects use.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from tests.e2e.api import Api

WAIT_FOR, TIMEOUT = "pulumi.com/waitFor", "pulumi.com/timeoutSeconds"
SECONDS = 600.0
PAUSE_SECONDS = 0.3

Object = Mapping[str, Any]


class NotReady(Exception):
    """The time is over. `live` is how the object was then."""

    def __init__(self, live: Object, reason: str) -> None:
        super().__init__(reason)
        self.live = live


def wait(api: Api, live: Object, seconds: float, warn: Callable[[str], None]) -> Object:
    """`live` as soon as its condition holds; at once where it asks for none."""
    annotations = live["metadata"].get("annotations", {})
    if WAIT_FOR not in annotations:
        return live
    kind, _, name = annotations[WAIT_FOR].partition("=")
    if kind != "condition":
        raise ValueError(f"{annotations[WAIT_FOR]}: this provider waits for conditions alone")
    path, shown = api.path_of(live), set[str]()
    deadline = time.monotonic() + (seconds or float(annotations.get(TIMEOUT, SECONDS)))
    while True:
        found = api.get(path) or live
        if satisfied(found, name):
            return found
        for event in events(api, found):
            if event not in shown:
                shown.add(event)
                warn(event)
        if time.monotonic() > deadline:
            raise NotReady(found, "timed out waiting for the condition")
        time.sleep(PAUSE_SECONDS)


def satisfied(live: Object, name: str) -> bool:
    """As `kubectl wait --for=condition=NAME`: an observation of an older generation does not count."""
    for one in live.get("status", {}).get("conditions", []):
        if one["type"].lower() == name.lower():
            observed = one.get("observedGeneration", live["metadata"]["generation"])
            return one["status"] == "True" and observed >= live["metadata"]["generation"]
    return False


def events(api: Api, about: Object) -> list[str]:
    """Warnings about an object, oldest first."""
    metadata = about["metadata"]
    selector = f"type=Warning,involvedObject.uid={metadata['uid']}"
    found = api.list("v1", "Event", metadata.get("namespace") or "default", fieldSelector=selector)
    return [f"{one['reason']}: {one['message']}" for one in sorted(found, key=lambda one: one["firstTimestamp"] or "")]


class Engine:
    """The engine that a provider is attached to, which shows messages."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channel: grpc.Channel | None = None

    def attach(self, address: str) -> None:
        """Messages go to this one from now on."""
        with self._lock:
            self.close()
            self._channel = grpc.insecure_channel(address)

    def warn(self, urn: str, message: str) -> None:
        """Shown beside the resource while it is worked on, as the released provider's status messages are."""
        if self._channel is not None:
            request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn, ephemeral=True)
            engine_pb2_grpc.EngineStub(self._channel).Log(request, timeout=10)

    def close(self) -> None:
        """Ends the connection."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
