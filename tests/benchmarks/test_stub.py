"""The benchmark's server says what the benchmark believes it says; otherwise it would measure something else."""

import http.client
import json
import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from benchmarks.asks import Ask, ask
from benchmarks.targets import stub

pytestmark = pytest.mark.skipif(
    not (shutil.which("gcc") and shutil.which("taskset") and {0, 1} <= os.sched_getaffinity(0)),
    reason="needs gcc, taskset and two cores, as `make bench` does",
)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with stub(tmp_path_factory.mktemp("stub")) as address:
        yield address


def post(server, body, path="/mcp"):
    connection = http.client.HTTPConnection(server, timeout=10)
    connection.request("POST", path, json.dumps(body))
    answer = connection.getresponse()
    status, text = answer.status, answer.read()
    connection.close()
    return status, json.loads(text) if text else None


@pytest.mark.parametrize(("tool", "size"), [("small", 200), ("large", 32 * 1024), ("stream", 200)])
def test_a_call_is_answered_in_the_size_that_the_report_names(server, tool, size):
    result = ask(f"http://{server}/mcp", Ask(tool))
    assert len(result["content"][0]["text"]) == size


@pytest.mark.parametrize(("path", "count"), [("/mcp", 3), ("/many/mcp", 50)])
def test_it_lists_its_tools(server, path, count):
    assert len(ask(f"http://{server}{path}", Ask(None))["tools"]) == count


@pytest.mark.parametrize("request_id", [1, "a", 'quo"ted\\', -5, "ünï"])
def test_an_id_comes_back_as_it_was_sent(server, request_id):
    body = {"params": {"id": "not this", "name": "small"}, "jsonrpc": "2.0", "id": request_id, "method": "tools/call"}
    assert post(server, body)[1]["id"] == request_id


def test_both_eras_find_their_way_in(server):
    assert post(server, {"id": 1, "method": "server/discover"})[1]["result"]["supportedVersions"] == ["2026-07-28"]
    assert post(server, {"id": 1, "method": "initialize"})[1]["result"]["protocolVersion"] == "2025-11-25"
    assert post(server, {"method": "notifications/initialized"}) == (202, None)


def test_an_unknown_method_is_an_error(server):
    status, answer = post(server, {"id": 1, "method": "nonsense"})
    assert (status, answer["error"]["code"]) == (404, -32601)


def test_over_stdio_it_answers_with_a_line_for_each_request(server, tmp_path):
    with stub(tmp_path):
        program = tmp_path / "stub"
    asked = [{"id": 1, "method": "initialize"}, {"method": "notifications/initialized"}, {"id": "b", "method": "tools/call"}]
    lines = "".join(json.dumps({**message, "params": {"name": "large"}}) + "\n" for message in asked)
    said = subprocess.run([program, "-"], input=lines, capture_output=True, text=True, timeout=10, check=True).stdout
    first, second = map(json.loads, said.splitlines())
    assert (first["id"], second["id"]) == (1, "b")
    assert len(second["result"]["content"][0]["text"]) == 32 * 1024


def test_a_legacy_request_is_asked_in_a_session_of_its_own_with_its_own_ids(server):
    request = Ask("small", legacy=True).opened(f"http://{server}/mcp")
    assert ask(f"http://{server}/mcp", request)["content"]
    with_session = replace(request, session="s", extra={"Authorization": "Bearer k"})
    script = with_session.wrk_script()
    assert with_session.headers["Mcp-Session-Id"] == "s"
    assert "2026-07-28" not in script
    assert 'wrk.headers["Authorization"] = "Bearer k"' in script
    assert "request = function()" in script
    assert "request = function()" not in Ask("small").wrk_script()


def test_it_survives_what_is_no_request(server):
    host, _, port = server.partition(":")
    for garbage in (
        b"\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n",
        b"\0" * 70000,
        b'POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\n{"i',
    ):
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        connection.connect()
        connection.sock.sendall(garbage)
        connection.close()
    assert post(server, {"id": 1, "method": "ping"})[1]["result"] == {}
