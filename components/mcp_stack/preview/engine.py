"""Evaluates a Pulumi program in this process: no CLI, no cluster, no plugin.

The only file that touches what Pulumi's SDK does not document (`settings.ROOT`, `run_in_stack`, the monitor's messages), written
against pulumi 3.272. It answers as the engine answers a preview: nothing is known that only a provider could tell, names that
the provider would make up are made up, and duplicate URNs are refused.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi import RunError
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings as pulumi_settings
from pulumi.runtime._callbacks import _CallbackServicer  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, MockSettings
from pulumi.runtime.proto import engine_pb2, resource_pb2
from pulumi.runtime.stack import run_in_stack

from .aliases import inherited
from .errors import PreviewError
from .resources import Resource, Run, type_chain
from .wire import SIGNATURE, UNKNOWN, plain

STACK = "pulumi:pulumi:Stack"
STACK_REFERENCE = "pulumi:pulumi:StackReference"

OPTIONS = frozenset(
    {"protect", "retainOnDelete", "deleteBeforeReplace", "ignoreChanges", "replaceOnChanges", "customTimeouts", "importId"}
    | {"additionalSecretOutputs", "dependencies", "deletedWith", "version", "hideDiffs"}
)
"""Fields of a registration that are its options."""

GRACE_SECONDS = 5.0
"""Time beyond the limit in which a program that awaits something is cancelled. One that blocks cannot be, and is left behind."""

NOISE = {"additionalSecretOutputs", "version"}
"""Options that the SDK sets by itself."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a program may ask its runtime for."""

    project: str
    stack: str
    config: Mapping[str, str] = field(default_factory=dict[str, str])
    """Every value as Pulumi hands it over: text, or the JSON of a structure."""
    secret_keys: Collection[str] = ()
    root: str = ""
    """Directory of Pulumi.yaml."""


def execute(program: Callable[[], object], settings: Settings, timeout_seconds: float = 60) -> Run:
    """What `program` registers. PreviewError when it does not end in time; whatever it raises is passed on.

    It runs in a thread of its own: every setting of the SDK is a context variable, which a new thread does not inherit, so that
    runs do not see each other and a caller may have an event loop of its own.
    """
    outcome: list[Run | BaseException] = []

    def target() -> None:
        try:
            with asyncio.Runner() as runner:
                outcome.append(runner.run(_evaluate(program, settings, timeout_seconds)))
        except BaseException as error:  # passed on to the caller's thread
            outcome.append(error)

    thread = threading.Thread(target=target, name="pulumi-program", daemon=True)
    thread.start()
    thread.join(timeout_seconds + GRACE_SECONDS)
    if not outcome:
        raise PreviewError(_late(timeout_seconds))
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    return result


def _late(timeout_seconds: float) -> str:
    return f"the program did not end within {timeout_seconds:g} s: it loops, or waits for an Output that nothing resolves"


async def _evaluate(program: Callable[[], object], settings: Settings, timeout_seconds: float) -> Run:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_quiet)
    engine, recorder = _Engine(), _Recorder(settings, loop)
    pulumi_config.set_all_config(dict(settings.config), list(settings.secret_keys))
    features = set(cast("Any", recorder).GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures)
    mock_settings = MockSettings(
        monitor=recorder, monitor_features=features, engine=engine, project=settings.project, stack=settings.stack,
        root_directory=settings.root, dry_run=True, organization="organization", callbacks=None,
        lock=threading.Lock(), outputs=set[Any](), package_refs={}, base_providers_by_ref={},
    )  # fmt: skip
    pulumi_settings.configure(mock_settings)

    def run_program() -> None:
        program()

    try:
        await asyncio.wait_for(run_in_stack(run_program), timeout_seconds)
    except TimeoutError:
        raise PreviewError(_late(timeout_seconds)) from None
    if engine.errors:
        raise PreviewError("\n".join(engine.errors))
    ordered = sorted(recorder.recorded.values(), key=lambda resource: resource.urn)
    return Run(tuple(ordered), recorder.outputs, tuple(engine.warnings))


def _quiet(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The first failure is raised; every Output that hung on it would log it again."""


class _Engine:
    """Takes what a program logs. An error that is logged fails an update, so it fails a preview, too."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def Log(self, request: Any) -> None:
        if request.severity == engine_pb2.WARNING:
            self.warnings.append(request.message)
        elif request.severity == engine_pb2.ERROR:
            self.errors.append(request.message)

    def RequirePulumiVersion(self, request: Any) -> empty_pb2.Empty:
        """No CLI is here that could be too old."""
        return empty_pb2.Empty()


class _NoMocks(Mocks):
    """MockMonitor wants one; the recorder answers everything itself."""

    def call(self, args: MockCallArgs) -> Any:
        raise RunError(f"the program calls {args.token}, which only a provider can answer; a preview without a cluster cannot")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise AssertionError(args.typ)


class _Recorder(MockMonitor):
    """The engine's side of the conversation. Called from worker threads; what the program runs, runs on its loop."""

    def __init__(self, settings: Settings, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(_NoMocks())
        self.recorded: dict[str, Resource] = {}
        self.outputs: Mapping[str, Any] = {}
        self._settings = settings
        self._loop = loop
        self._lock = threading.Lock()
        self._transforms: dict[str, list[Any]] = {}
        self._stack_callbacks: list[Any] = []
        self._stack_urn = ""

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """URN with every parent's type; MockMonitor's own keeps the nearest parent only."""
        above = type_chain(parent) if parent else STACK
        chain = type_ if above == STACK else f"{above}${type_}"
        return f"urn:pulumi:{self._settings.stack}::{self._settings.project}::{chain}::{name}"

    def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:
        if request.type == STACK:
            self._stack_urn = f"urn:pulumi:{self._settings.stack}::{self._settings.project}::{STACK}::{request.name}"
            return resource_pb2.RegisterResourceResponse(urn=self._stack_urn)
        urn = self.make_urn(request.parent, request.type, request.name)
        with self._lock:
            self._transforms[urn] = list(request.transforms)
        request = self._transformed(request)
        inputs = plain(request.object)
        known = struct_pb2.Struct()
        known.CopyFrom(request.object)
        if _names_itself(request):
            inputs = {**inputs, "metadata": _with_name(inputs.get("metadata"), urn, request.name)}
            known.update({"metadata": _with_name(_struct_field(known, "metadata"), urn, request.name)})
        self._record(_resource(self, urn, request, inputs))
        return resource_pb2.RegisterResourceResponse(urn=urn, id="", object=known)

    def ReadResource(self, request: Any) -> resource_pb2.ReadResourceResponse:
        urn = self.make_urn(request.parent, request.type, request.name)
        properties = struct_pb2.Struct()
        properties.CopyFrom(request.properties)
        if request.type == STACK_REFERENCE:
            properties.update({"outputs": UNKNOWN, "secretOutputNames": UNKNOWN})
        inputs, options = plain(request.properties), {"id": request.id}
        self._record(
            Resource(
                urn, request.type, request.name, request.parent, inputs, read=True, provider=_provider(request), options=options
            )
        )
        return resource_pb2.ReadResourceResponse(urn=urn, properties=properties)

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:
        if request.urn == self._stack_urn:
            self.outputs = plain(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        token = request.tok
        raise RunError(f"the program calls {token}, which only a provider can answer; without a cluster nothing can")

    def Call(self, request: Any) -> Any:
        return self.Invoke(request)

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:
        with self._lock:
            self._stack_callbacks.append(request)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, request: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def _record(self, resource: Resource) -> None:
        with self._lock:
            if resource.urn in self.recorded:
                raise RunError(f"two resources have the URN {resource.urn}; give one of them another name")
            self.recorded[resource.urn] = resource

    def _transformed(self, request: Any) -> Any:
        """`request` after its own transforms, those of its parents, nearest first, and the stack's (pulumi, resource monitor)."""
        callbacks = list(request.transforms)
        above = request.parent
        while above:
            callbacks += self._transforms.get(above, [])
            above = self.recorded[above].parent if above in self.recorded else ""
        for callback in [*callbacks, *self._stack_callbacks]:
            request = self._transform(callback.token, request)
        return request

    def _transform(self, token: str, request: Any) -> Any:
        function = next(found for servicer in _servicers() if (found := servicer._callbacks.get(token)))
        question = resource_pb2.TransformRequest(
            type=request.type, name=request.name, custom=request.custom, parent=request.parent, properties=request.object,
            options=resource_pb2.TransformResourceOptions(
                depends_on=request.dependencies, ignore_changes=request.ignoreChanges, replace_on_changes=request.replaceOnChanges,
                aliases=request.aliases, provider=request.provider, version=request.version, deleted_with=request.deletedWith,
                retain_on_delete=request.retainOnDelete, protect=request.protect,
                custom_timeouts=request.customTimeouts if request.HasField("customTimeouts") else None,
            ),
        )  # fmt: skip
        answer: Any = asyncio.run_coroutine_threadsafe(function(question.SerializeToString()), self._loop).result()
        changed = resource_pb2.RegisterResourceRequest()
        changed.CopyFrom(request)
        changed.object.CopyFrom(answer.properties)
        if answer.HasField("options"):
            _take_options(changed, answer.options)
        return changed


def _servicers() -> list[Any]:
    return list(_CallbackServicer._servicers)  # pyright: ignore[reportPrivateUsage]


def _take_options(request: Any, options: Any) -> None:
    """What a transform says about options, put into the registration."""
    for source, target in (
        ("depends_on", "dependencies"),
        ("ignore_changes", "ignoreChanges"),
        ("replace_on_changes", "replaceOnChanges"),
    ):
        del getattr(request, target)[:]
        getattr(request, target).extend(getattr(options, source))
    del request.aliases[:]
    request.aliases.extend(options.aliases)
    request.provider = options.provider
    for source, target in (("protect", "protect"), ("retain_on_delete", "retainOnDelete")):
        if options.HasField(source):
            setattr(request, target, getattr(options, source))
    if options.HasField("custom_timeouts"):
        request.customTimeouts.CopyFrom(options.custom_timeouts)


def _resource(monitor: _Recorder, urn: str, request: Any, inputs: Mapping[str, Any]) -> Resource:
    options = {found.name: value for found, value in request.ListFields() if found.name in OPTIONS - NOISE}
    shown: dict[str, Any] = {
        name: json_format.MessageToDict(value)
        if hasattr(value, "DESCRIPTOR")
        else list(value)
        if hasattr(value, "extend")
        else value
        for name, value in options.items()
    }
    own = [*(_alias(monitor, request, alias) for alias in request.aliases), *request.aliasURNs]
    above = monitor.recorded.get(request.parent)
    return Resource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        inputs=inputs,
        custom=request.custom,
        remote=request.remote,
        provider=_provider(request),
        aliases=(*own, *(inherited([urn, *own], above.urn, above.aliases) if above else ())),
        options=shown,
    )


def _provider(request: Any) -> str:
    """URN of `urn::id`."""
    return request.provider.rpartition("::")[0]


def _alias(monitor: _Recorder, request: Any, alias: Any) -> str:
    """URN that an alias stands for; what it leaves out is as in the registration."""
    if alias.HasField("urn"):
        return alias.urn
    spec = alias.spec
    parent = "" if spec.noParent else spec.parentUrn or request.parent
    urn = monitor.make_urn(parent, spec.type or request.type, spec.name or request.name)
    _, _, chain, name = urn.removeprefix("urn:pulumi:").split("::", 3)
    stack, project = spec.stack or monitor._settings.stack, spec.project or monitor._settings.project  # pyright: ignore[reportPrivateUsage]
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def _names_itself(request: Any) -> bool:
    """Whether the Kubernetes provider would make up a name (pulumi-kubernetes, "autonaming")."""
    module = request.type.split(":")[1]
    if not request.custom or not request.type.startswith("kubernetes:") or "/" not in module or module.startswith("helm.sh"):
        return False
    metadata = _struct_field(request.object, "metadata")
    return metadata is None or (
        isinstance(metadata, dict) and not any(key in metadata for key in ("name", "generateName", SIGNATURE))
    )


def _struct_field(struct: struct_pb2.Struct, name: str) -> Any:
    return json_format.MessageToDict(struct.fields[name]) if name in struct.fields else None


def _with_name(metadata: Any, urn: str, name: str) -> dict[str, Any]:
    """Metadata with a name like the provider's, which ends in random letters; here they follow from the URN."""
    suffix = hashlib.sha256(urn.encode()).hexdigest()[:8]
    return {**cast("Mapping[str, Any]", metadata or {}), "name": f"{name}-{suffix}"}
