"""`mcp-stack verify` against real stacks, and against what stands in a stack's place when it is broken."""

import asyncio
import os
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from mcp_stack import cli
from mcp_stack.local.check import Finding
from mcp_stack.local.ports import free_ports
from mcp_stack.preview import PreviewError
from mcp_stack.verifying import forwarding
from mcp_stack.verifying.commands import KEY, key_of, origin_of
from mcp_stack.verifying.forwarding import NotForwarded, deployed_target
from mcp_stack.verifying.pages import pages
from mcp_stack.verifying.run import summary, verify
from mcp_stack.verifying.streams import MODERN, heartbeat
from mcp_stack.verifying.target import Part, Target
from tests.deadlines import SOON
from tests.local.stacks import write_project
from tests.local.test_run import CLOCK, up
from tests.threaded import listening

CALLS = """
clock:
  - tool: between
    arguments: {start: "2026-01-01", end: "2026-01-03"}
    result: {days: 2}
"""


STUBBORN = """#!/bin/sh
trap '' TERM
for word in "$@"; do
  case $word in :*) echo "Forwarding from 127.0.0.1:1 -> ${word#:}";; esac
done
while :; do sleep 1; done
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A project whose stack runs here, with a call that is known; its directory."""
    directory = tmp_path_factory.mktemp("stack")
    [port] = free_ports("127.0.0.1", 1)
    write_project(directory, {"clock": CLOCK}, gateway={"port": port})
    (directory / "calls.local.yaml").write_text(CALLS)
    with up(directory, "'local'") as run:
        run.wait_for("everything is ready")
        yield directory, port


def run(capsys, *arguments):
    code = cli.main(["verify", *(str(one) for one in arguments)])
    return code, *capsys.readouterr()


@pytest.mark.parity("mpl.verify")
def test_health_metrics_a_real_call_and_a_stream_are_a_line_each(stack, capsys):
    code, out, _ = run(capsys, "--project", stack[0], "--stack", "local", "--local")
    assert code == 0, out
    lines = [line.split() for line in out.splitlines()]
    asked = {(line[1], line[2]) for line in lines if line[0] == "ok"}
    assert {(place, path) for place in ("gateway",) for path in ("/readyz", "/health", "/metrics")} <= asked
    assert {("clock", "/servers/clock/mcp"), ("clock", "/mcp"), ("all", "/mcp")} <= asked
    assert out.count("heartbeat after") == 2
    assert out.splitlines()[-1] == "OK: 1 proxy healthy, 4 calls answered as expected, 2 streams alive"


@pytest.mark.parity("mpl.verify")
def test_a_deployed_stack_is_asked_through_ports_that_kubectl_opens(stack, tmp_path, monkeypatch, capsys):
    """`kubectl` stands for the real one by the line that it prints for each port (kubectl port-forward --help)."""
    directory, port = stack
    asked = tmp_path / "asked"
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f"""#!{sys.executable}
import pathlib, sys, time
pathlib.Path({str(asked)!r}).open("a").write(" ".join(sys.argv[1:]) + "\\n")
for one in sys.argv[1:]:
    if one.startswith(":"):
        print(f"Forwarding from 127.0.0.1:{port} -> {{one[1:]}}", flush=True)
time.sleep({10 * SOON})
""")
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr("mcp_stack.verifying.commands.verify", quick)
    code, out, _ = run(capsys, "--project", directory, "--stack", "local", "--context", "there")
    assert (code, out) == (0, f"http://127.0.0.1:{port} clock, gateway\n")
    assert asked.read_text().splitlines() == [
        "--context=there port-forward --namespace mcp-local --address 127.0.0.1 deployment/local-clock :9100",
        f"--context=there port-forward --namespace mcp-local --address 127.0.0.1 deployment/local-gateway :9100 :{port}",
    ]


async def quick(target, say):
    """What would be asked, after one page of each part."""
    for part in target.parts:
        async for finding in pages(part, target.key):
            assert not finding.wrong
    say(f"{target.origin} {', '.join(part.name for part in target.parts)}")
    return True


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo 'error: pods \"x\" not found' >&2; exit 1", 'pods "x" not found'),
        ("exit 1", "ended without a word"),
        ("exec sleep 60", "no port within 0.2 s"),
    ],
)
async def test_a_port_that_does_not_open_is_told_in_kubectls_words(script, said, tmp_path, monkeypatch, shipped):
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f"#!/bin/sh\n{script}\n")
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(forwarding, "READY_SECONDS", 0.2 if "sleep" in script else SOON)
    with pytest.raises(NotForwarded, match=said):
        async with deployed_target(shipped, {}, None, None):
            pass


async def test_a_machine_without_kubectl_is_told(tmp_path, monkeypatch, shipped):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotForwarded, match="kubectl, which opens the ports of pods, cannot be run"):
        async with deployed_target(shipped, {}, None, None):
            pass


async def test_a_kubectl_that_does_not_end_is_ended(tmp_path, monkeypatch, shipped):
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(STUBBORN)
    kubectl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(forwarding, "END_SECONDS", 0.2)
    async with asyncio.timeout(SOON), deployed_target(shipped, {}, None, None) as target:
        assert [part.origin for part in target.parts] == ["http://127.0.0.1:1"] * len(target.parts)


@pytest.fixture
def shipped():
    from mcp_stack.local.stack_file import read_spec

    return read_spec(Path(__file__).parents[2], "local")


@contextmanager
def answering(status=200, body=b"", content_type="application/json", streams=()):
    """A server that gives one answer to everything; `streams`: pieces of it, after which it stays silent."""
    silent = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            if not streams:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            for piece in streams:
                self.wfile.write(piece)
                self.wfile.flush()
            if streams:
                silent.wait(SOON)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_DELETE(self):
            self.do_GET()

        def log_message(self, *_):
            pass

    with listening(Handler) as address:
        try:
            yield address
        finally:
            silent.set()


async def wrong_of(origin):
    return [one.wrong async for one in pages(Part("gateway", origin), "key")]


async def test_pages_that_are_not_those_of_a_proxy_are_told():
    with answering(503) as origin:
        assert await wrong_of(origin) == ["status 503"] * 3
    with answering(body=b"<html>") as origin:
        assert await wrong_of(origin) == [
            *["no object of JSON; is this a proxy of the stack?"] * 2,
            "no series mcp_proxy_*; is this the management port of the proxy?",
        ]
    with answering(body=b'{"status":"draining"}') as origin:
        assert (await wrong_of(origin))[:2] == ["it is not ok"] * 2


async def test_a_stream_that_is_held_back_or_ended_is_told():
    with answering(streams=[b": keep-alive\n\n"]) as origin:
        assert "nothing for 0.3 s: something on the way holds the stream back" in (await heartbeat(origin, MODERN, None, 0.3)).wrong
    with answering(body=b": keep-alive\n\n") as origin:
        assert (await heartbeat(origin, MODERN, None, SOON)).wrong == "it ended before its first heartbeat"
        assert (await heartbeat(origin, "legacy", "key", SOON)).wrong == "it ended before its first heartbeat"
    with answering(404) as origin:
        assert (await heartbeat(origin, MODERN, None, SOON)).wrong == "status 404 instead of a stream"
        assert (await heartbeat(origin, "legacy", None, SOON)).wrong == "status 404 instead of a stream"


@pytest.mark.parity("mpl.verify")
async def test_nothing_there_is_wrong_in_every_respect_and_says_so():
    [nobody] = free_ports("127.0.0.1", 1)
    origin = f"http://127.0.0.1:{nobody}"
    said = []
    async with asyncio.timeout(SOON):
        assert not await verify(Target(origin, (Part("gateway", origin),), {"clock": "clock__"}, {}), said.append)
    assert len([line for line in said if line.startswith("wrong")]) == 9
    assert said[-1].startswith("FAILED: 9 of 9 are wrong, first health of gateway at /readyz: ")
    assert said[-1].endswith("; no call is known for clock, so only their lists were seen")


def test_a_gateway_is_asked_by_its_url_with_what_is_known_of_its_stack(stack, monkeypatch, capsys):
    monkeypatch.setattr("mcp_stack.verifying.commands.verify", quick)
    assert run(capsys, "--url", "https://mcp.example.com/mcp")[:2] == (0, "https://mcp.example.com \n")
    seen = []

    async def known(target, say):
        seen.append(target)
        return False

    monkeypatch.setattr("mcp_stack.verifying.commands.verify", known)
    assert run(capsys, "--project", stack[0], "--stack", "local", "--url", "http://127.0.0.1:9")[0] == 1
    assert (seen[0].origin, seen[0].parts, seen[0].prefixes) == ("http://127.0.0.1:9", (), {"clock": "clock__"})
    assert [call.tool for call in seen[0].calls["clock"]] == ["between"]


async def test_metrics_that_are_switched_off_are_not_asked_for():
    with answering(body=b'{"status":"ok"}') as origin:
        assert [one.route async for one in pages(Part("gateway", origin, metrics=False), None)] == ["/readyz", "/health"]


def test_what_cannot_be_asked_is_an_error(tmp_path, capsys):
    keyed = {"authentication": {"api_keys": {"secret": "keys"}}}
    write_project(tmp_path, {"clock": CLOCK}, gateway=keyed, secrets={"keys": {"config": "keys"}})
    assert run(capsys)[::2] == (2, "name what to verify: --stack, --url, or both\n")
    assert run(capsys, "--url", "ftp://x")[::2] == (2, "--url 'ftp://x' is no URL of a gateway: write https://HOST[/mcp]\n")
    assert "the gateway asks for a key; give one as $MCP_API_KEY" in run(capsys, "--project", tmp_path, "--stack", "local")[2]
    assert "no such file" in run(capsys, "--project", tmp_path, "--stack", "nightly")[2]
    assert run(capsys, "--url", "http://x", "--key-file", tmp_path / "absent")[0] == 2
    write_project(tmp_path, {"clock": CLOCK}, gateway={"enabled": False})
    assert "`gateway.enabled` is false" in run(capsys, "--project", tmp_path, "--stack", "local")[2]


def test_the_key_comes_from_a_file_or_from_the_environment(tmp_path):
    file = tmp_path / "key"
    file.write_text("from-the-file\n")
    assert key_of(file, {KEY: "else"}) == "from-the-file"
    assert key_of(None, {KEY: "from-the-environment"}) == "from-the-environment"
    assert key_of(None, {}) is None
    file.write_bytes(b"\xff")
    with pytest.raises(PreviewError, match="--key-file"):
        key_of(file, {})


@pytest.mark.parametrize("url", ["https://a.example/mcp", "https://a.example/", "https://a.example"])
def test_a_url_is_taken_with_and_without_its_path(url):
    assert origin_of(url) == "https://a.example"


def test_several_proxies_are_counted():
    findings = [Finding(name, "/readyz", "", "health", 0.1, "ok") for name in ("gateway", "clock")]
    assert summary(findings, []) == "OK: 2 proxies healthy, 0 calls answered as expected, 0 streams alive"
