"""Programs that use the components, evaluated without a cluster, and the component package as other languages reach it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import engine_pb2_grpc, provider_pb2, provider_pb2_grpc, resource_pb2_grpc

from mcp_stack.preview.engine import Settings, execute
from mcp_stack.preview.resources import Run
from tests.components.engine_side import Engine, Monitor

ROOT = Path(__file__).parents[2]
PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}
DEADLINE_SECONDS = 60


@pytest.fixture
def run() -> Callable[..., Run]:
    """What a program registers, with the given configuration of the stack `test`."""

    def evaluated(program: Callable[[], object], config: Mapping[str, Any] | None = None, secret_keys: tuple[str, ...] = ()) -> Run:
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in (config or {}).items()}
        return execute(program, Settings("mcp-stack", "test", values, secret_keys), timeout_seconds=30)

    return evaluated


@pytest.fixture(scope="session")
def listening() -> Iterator[tuple[str, Monitor]]:
    """Address and monitor of an engine that listens."""
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    monitor = Monitor()
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(Engine(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}", monitor
    server.stop(None).wait(DEADLINE_SECONDS)


@pytest.fixture
def engine(listening: tuple[str, Monitor]) -> tuple[str, Monitor]:
    """The same, with nothing registered yet."""
    listening[1].registered.clear()
    return listening


@pytest.fixture(scope="session")
def package(listening: tuple[str, Monitor], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package, run as Pulumi runs it: a process, asked over gRPC."""
    command = [sys.executable, str(ROOT / "components"), listening[0]]
    place = tmp_path_factory.mktemp("package")
    plugin = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=place)
    channel = None
    try:
        assert plugin.stdout is not None
        line = plugin.stdout.readline()
        assert line.strip().isdigit(), plugin.communicate(timeout=DEADLINE_SECONDS)[1].decode()
        channel = grpc.insecure_channel(f"127.0.0.1:{int(line)}")
        yield provider_pb2_grpc.ResourceProviderStub(channel)
    finally:
        if channel is not None:
            channel.close()
        plugin.kill()
        plugin.communicate(timeout=DEADLINE_SECONDS)


@pytest.fixture
def construct(engine: tuple[str, Monitor], package: Any) -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """Asks the package for one component: its outputs, and the inputs of its Kubernetes objects by kind."""
    address, monitor = engine

    def ask(component: str, name: str, inputs: Mapping[str, Any], preview: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
        properties = struct_pb2.Struct()
        properties.update(inputs)
        request = provider_pb2.ConstructRequest(
            project="any",
            stack="dev",
            type=f"mcp-stack:index:{component}",
            name=name,
            inputs=properties,
            dryRun=preview,
            monitorEndpoint=address,
        )
        answer = package.Construct(request, timeout=DEADLINE_SECONDS)
        return json_format.MessageToDict(answer.state), monitor.objects()

    return ask
