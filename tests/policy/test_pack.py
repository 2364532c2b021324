"""The pack as the engine runs it: a process of its own that is asked over gRPC. Only the plugin host of the CLI is not here."""

import os
import subprocess
import threading
from contextlib import contextmanager

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from mcp_stack.preview.values import Secret, Unknown
from mcp_stack.preview.wire import SECRET, SIGNATURE, UNKNOWN
from mcp_stack_policy import POLICIES, configuration
from tests.judges.stacks import NAMES, ROOT, STACKS, rendered
from tests.policy.program import DEPLOYMENT, GONE, POD, WEB, objects

PYTHON = ROOT / ".venv-policy" / "bin" / "python"
"""In an environment of its own: its pins collide with those of the project. `make test` installs it."""

DEADLINE_SECONDS = 60


@contextmanager
def analyzer(directory):
    """The pack, started as the language host starts it, somewhere else than in its own directory."""
    if not PYTHON.is_file():
        raise FileNotFoundError(f"{PYTHON} is not installed; run `make .venv-policy/.installed`")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI", "PYTHON"))}
    environment["PYTHONUNBUFFERED"] = "1"  # as the language host sets it: the SDK does not flush the line with its port
    process = subprocess.Popen(
        [str(PYTHON), str(ROOT / "policy"), "127.0.0.1:1"], stdout=subprocess.PIPE, cwd=directory, env=environment, text=True
    )
    late = threading.Timer(DEADLINE_SECONDS, process.kill)
    late.start()
    try:
        port = process.stdout.readline().strip()
        late.cancel()
        assert port.isdecimal(), f"the pack did not start within {DEADLINE_SECONDS} s"
        with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_receive_message_length", -1)]) as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        late.cancel()
        process.kill()
        process.wait(DEADLINE_SECONDS)
        process.stdout.close()


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    with analyzer(tmp_path_factory.mktemp("elsewhere")) as stub:
        yield stub


@pytest.fixture(autouse=True)
def unconfigured(pack):
    configure(pack)


def encoded(value):
    """Properties as the engine sends them."""
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET, "value": encoded(value.value)}
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: encoded(inner) for key, inner in value.items()}
    return [encoded(inner) for inner in value] if isinstance(value, list | tuple) else value


def struct(value):
    found = struct_pb2.Struct()
    found.update(encoded(dict(value)))
    return found


def token(manifest):
    version = manifest["apiVersion"]
    return f"kubernetes:{version if '/' in version else f'core/{version}'}:{manifest['kind']}"


def fields(urn, type_, properties):
    return {"urn": urn, "type": type_, "name": urn.rpartition("::")[2], "properties": struct(properties)}


def configure(pack, **policies):
    """What the engine makes of `--policy-pack-config`: a level and settings for each policy."""
    levels = {"advisory": analyzer_pb2.ADVISORY, "mandatory": analyzer_pb2.MANDATORY, "disabled": analyzer_pb2.DISABLED}
    given = configuration({name.replace("_", "-"): value for name, value in policies.items()})
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for policy in POLICIES:
        request.policyConfig[policy.name].enforcementLevel = levels[given.level_of(policy)]
        request.policyConfig[policy.name].properties.update(given.settings.get(policy.name, {}))
    pack.Configure(request, timeout=DEADLINE_SECONDS)


def analyze(pack, *edits):
    """What the pack says of each resource of the small program by itself, and of all of them together."""
    found = objects(*edits)
    said = []
    for one in found:
        request = analyzer_pb2.AnalyzeRequest(**fields(one.urn, token(one.manifest), one.manifest))
        said += pack.Analyze(request, timeout=DEADLINE_SECONDS).diagnostics
    resources = [analyzer_pb2.AnalyzerResource(**fields(one.urn, token(one.manifest), one.manifest)) for one in found]
    said += pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources), timeout=DEADLINE_SECONDS).diagnostics
    return said


def test_the_pack_tells_what_it_holds(pack):
    info = pack.GetAnalyzerInfo(empty_pb2.Empty(), timeout=DEADLINE_SECONDS)
    assert (info.name, info.supportsConfig) == ("mcp-stack", True)
    assert [one.name for one in info.policies] == [policy.name for policy in POLICIES]
    for told, policy in zip(info.policies, POLICIES, strict=True):
        assert told.description == policy.title
        assert told.remediation_steps == policy.remedy
        assert set(told.configSchema.properties.keys()) == set(policy.options)
        assert told.enforcementLevel == {"mandatory": analyzer_pb2.MANDATORY, "advisory": analyzer_pb2.ADVISORY}[policy.level]


def test_a_clean_program_is_left_alone(pack):
    assert analyze(pack) == []


@pytest.mark.parametrize(
    ("policy", "edit"),
    [
        ("pinned-images", (DEPLOYMENT, (*WEB, "image"), "acme/web")),
        ("container-resources", (DEPLOYMENT, (*WEB, "resources"), GONE)),
        ("probes", (DEPLOYMENT, (*WEB, "livenessProbe"), GONE)),
        ("host-access", (DEPLOYMENT, (*POD, "hostNetwork"), True)),
        ("secret-literals", (DEPLOYMENT, (*WEB, "env", 0), {"name": "DB_PASSWORD", "value": "hunter2"})),
        ("mounted-tokens", (DEPLOYMENT, (*POD, "automountServiceAccountToken"), True)),
        ("blocked-drains", ("PodDisruptionBudget web", ("spec", "maxUnavailable"), 0)),
        ("autoscaled-replicas", (DEPLOYMENT, ("spec", "replicas"), 2)),
        ("rbac-wildcards", ("Role web", ("rules", 1, "verbs"), ["*"])),
        ("secret-scope", ("Role web", ("rules", 0, "resourceNames"), GONE)),
        ("unauthenticated-exposure", ("Service web", ("spec", "type"), "NodePort")),
        ("unguarded-pods", ("NetworkPolicy web", ("metadata", "namespace"), "other")),
    ],
)
def test_each_policy_bites_over_the_wire(pack, policy, edit):
    edits = [edit, ("ConfigMap proxy", ("data", "proxy.yaml"), "servers: {}")] if policy == "unauthenticated-exposure" else [edit]
    said = analyze(pack, *edits)
    assert {one.policyName for one in said} == {policy}
    wanted = next(one for one in POLICIES if one.name == policy)
    assert all(wanted.title in one.message and one.message.endswith(wanted.remedy) for one in said)


def test_what_the_user_sets_is_what_holds(pack):
    pinned = (DEPLOYMENT, (*WEB, "image"), "acme/web:1.0.0")
    configure(pack, pinned_images={"enforcementLevel": "advisory", "require_digest": True})
    said = analyze(pack, pinned)
    assert {(one.policyName, one.enforcementLevel) for one in said} == {("pinned-images", analyzer_pb2.ADVISORY)}
    configure(pack, all="disabled")
    assert analyze(pack, pinned, (DEPLOYMENT, (*POD, "hostPID"), True)) == []


def test_what_is_unknown_stops_no_policy(pack):
    unknown = (DEPLOYMENT, (*WEB, "image"), Unknown())
    assert analyze(pack, unknown) == []
    assert {one.policyName for one in analyze(pack, unknown, (DEPLOYMENT, (*POD, "hostPID"), True))} == {"host-access"}


@pytest.mark.parametrize(("directory", "stack"), STACKS, ids=NAMES)
def test_no_shipped_stack_breaks_a_policy(pack, directory, stack):
    custom = [one for one in rendered(directory, stack).resources if one.custom and not one.read]
    assert len(custom) > 5
    resources = [analyzer_pb2.AnalyzerResource(**fields(one.urn, one.type, one.inputs)) for one in custom]
    said = [*pack.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources), timeout=DEADLINE_SECONDS).diagnostics]
    for one in custom:
        request = analyzer_pb2.AnalyzeRequest(**fields(one.urn, one.type, one.inputs))
        said += pack.Analyze(request, timeout=DEADLINE_SECONDS).diagnostics
    assert [one.message for one in said] == []
