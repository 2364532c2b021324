"""A test double of Pulumi's Kubernetes provider: gRPC `ResourceProvider` in front of a real API server.

It stands in for pulumi-resource-kubernetes where no release can be downloaded, and is not what users run. Written from Pulumi's
protocol (pulumi/proto/provider.proto, in `pulumi.runtime.proto`), the provider's documentation of server-side apply and of
replacements (pulumi.com/registry/packages/kubernetes), and the API's own. What it does not do: it waits for no rollout, endpoint or
address (the released one does, which makes it slower, never more lenient), has no charts, no patches and no made-up names, and
follows its own kubeconfig whatever the program's provider says. For `pulumi.com/waitFor` it waits where somebody is there who makes
the condition true (tests/e2e/awaiting.py). Where they differ it is the stricter: it creates nothing that is there already, refuses
fields that the API does not know, and takes no field from another manager.

Attached by PULUMI_DEBUG_PROVIDERS=kubernetes:PORT; any number of engines may use one at a time.
"""

import base64
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from mcp_stack.preview.wire import plain
from tests.e2e.api import Api, ApiError
from tests.e2e.awaiting import Engine, NotReady, wait
from tests.e2e.immutable import replacements

VERSION = "4.34.2"
"""Of the SDK that the program uses."""

MANAGER = "pulumi-kubernetes"
"""Who owns the fields that the program sets. The released provider's managers have a random end, a new one for each object."""

WORKERS = 32


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Objects of every kind that the API server has."""

    def __init__(self, api: Api, waits: bool = False) -> None:
        self._api, self._waits = api, waits
        self._engine = Engine()
        self.gate = threading.Event()
        """Nothing is created or updated while it is not set: holds an update in the middle."""
        self.gate.set()

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse()

    def Attach(self, request: Any, context: Any) -> Any:
        self._engine.attach(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "kubernetes", "version": VERSION}))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        changed = plain(request.old_inputs or request.olds) != plain(request.news)
        kinds = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kinds[0] if changed else kinds[1])

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True, acceptResources=False, acceptOutputs=False)

    def Check(self, request: Any, context: Any) -> Any:
        inputs = plain(request.news)
        failures = [
            provider_pb2.CheckFailure(property=name, reason=f"is missing; this provider makes up no {name}")
            for name, value in (("metadata.name", inputs.get("metadata", {}).get("name")), ("kind", inputs.get("kind")))
            if not value
        ]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        old, new = plain(request.old_inputs), plain(request.news)
        changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        if not changed:
            return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)
        replaced = replacements(old, new)
        same_place = old.get("metadata", {}).get("name") == new.get("metadata", {}).get("name")
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME,
            diffs=changed,
            replaces=replaced,
            deleteBeforeReplace=bool(replaced) and same_place,
        )

    def Create(self, request: Any, context: Any) -> Any:
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        manifest = to_apply(plain(request.properties))
        with refusals(context):
            self._wait()
            if self._api.get(self._api.path_of(manifest)) is not None:
                raise ApiError(409, "AlreadyExists", f"{manifest['kind']} {identity(manifest)} exists, and is not of this stack")
            live = self._ready(request, request.properties, self._api.apply(manifest, MANAGER), context)
        return provider_pb2.CreateResponse(id=identity(manifest), properties=state(request.properties, live))

    def Update(self, request: Any, context: Any) -> Any:
        if request.preview:
            return provider_pb2.UpdateResponse(properties=request.news)
        with refusals(context):
            self._wait()
            live = self._ready(request, request.news, self._api.apply(to_apply(plain(request.news)), MANAGER), context)
        return provider_pb2.UpdateResponse(properties=state(request.news, live))

    def Read(self, request: Any, context: Any) -> Any:
        inputs = plain(request.inputs) or named(request.urn, request.id)
        with refusals(context):
            live = self._api.get(self._api.path_of(inputs))
        if live is None:
            return provider_pb2.ReadResponse(id="")
        found = as_struct(like(inputs, live) if request.inputs else live)
        return provider_pb2.ReadResponse(id=request.id, inputs=found, properties=state(found, live))

    def Delete(self, request: Any, context: Any) -> Any:
        with refusals(context):
            self._api.delete(self._api.path_of(plain(request.old_inputs)))
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def _ready(self, request: Any, inputs: struct_pb2.Struct, live: Mapping[str, Any], context: Any) -> Mapping[str, Any]:
        """The object once it is as it asks to be waited for; otherwise the engine keeps it as one that has not become ready."""
        try:
            return wait(self._api, live, request.timeout, partial(self._engine.warn, request.urn)) if self._waits else live
        except NotReady as late:
            reason = f"the Kubernetes API server reported that {identity(live)} failed to fully initialize or become live: {late}"
            detail = provider_pb2.ErrorResourceInitFailed(
                id=identity(live), properties=state(inputs, late.live), inputs=inputs, reasons=[reason]
            )
            packed = any_pb2.Any()
            packed.Pack(detail)
            failed = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[packed])
            context.set_trailing_metadata((("grpc-status-details-bin", failed.SerializeToString()),))
            context.abort(grpc.StatusCode.UNKNOWN, reason)

    def close(self) -> None:
        """Ends what it has open, and lets go what it holds."""
        self.gate.set()
        self._engine.close()

    def _wait(self) -> None:
        if not self.gate.wait(60):
            raise ApiError(503, "Held", "the test did not let the update go on within 60 s")


def identity(manifest: Mapping[str, Any]) -> str:
    """`mcp/github`, as the released provider's ids are."""
    metadata = manifest["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]


def named(urn: str, id_: str) -> dict[str, Any]:
    """What tells the object apart that a program reads (`Secret.get`), whose type the engine names as the SDK does."""
    _, version, kind = urn.split("::")[2].rpartition("$")[2].split(":")
    namespace, _, name = id_.rpartition("/")
    return {"apiVersion": version.removeprefix("core/"), "kind": kind, "metadata": {"name": name, "namespace": namespace}}


def to_apply(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent: `stringData` becomes `data`, since server-side apply forgets who owns the former (kubernetes#70281)."""
    made = dict(manifest)
    if made["kind"] == "Secret" and "stringData" in made:
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in made.pop("stringData").items()}
        made["data"] = {**made.get("data", {}), **encoded}
    return made


def state(inputs: struct_pb2.Struct, live: Mapping[str, Any]) -> struct_pb2.Struct:
    """What the engine keeps of an object: the inputs, and of the live one what tells it apart and its status."""
    kept = struct_pb2.Struct()
    kept.CopyFrom(inputs)
    metadata = {**plain(inputs).get("metadata", {}), "uid": live["metadata"]["uid"]}
    kept.update({"metadata": metadata, **({"status": live["status"]} if live.get("status") else {})})
    return kept


def like(inputs: Any, live: Any) -> Any:
    """`live` as far as `inputs` speak of it, in the way in which they write it: what a refresh may compare."""
    if isinstance(inputs, dict) and isinstance(live, dict):
        if inputs.get("kind") == "Secret" and "stringData" in inputs:
            texts = {key: base64.b64decode(live.get("data", {}).get(key, "")).decode() for key in inputs["stringData"]}
            return {**like({key: value for key, value in inputs.items() if key != "stringData"}, live), "stringData": texts}
        empty = ({}, [])
        spoken = {key: value for key, value in inputs.items() if key in live or value in empty}
        return {key: like(value, live[key]) if key in live else value for key, value in spoken.items()}
    if isinstance(inputs, list) and isinstance(live, list) and len(inputs) == len(live):
        return [like(ours, theirs) for ours, theirs in zip(inputs, live, strict=True)]
    return live


def as_struct(value: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain data as properties."""
    made = struct_pb2.Struct()
    made.update(value)
    return made


@contextmanager
def refusals(context: Any):
    """What the API server refuses, as the gRPC error that the engine shows."""
    try:
        yield
    except (ApiError, TimeoutError, OSError) as error:
        context.abort(grpc.StatusCode.UNKNOWN, str(error))


@contextmanager
def serving(api: Api, waits: bool = False):
    """A provider on a free port, and the port. One that `waits` is for one engine at a time."""
    server = grpc.server(ThreadPoolExecutor(WORKERS), options=[("grpc.max_receive_message_length", 64 << 20)])
    provider = Provider(api, waits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield provider, port
    finally:
        provider.close()
        server.stop(2).wait()
