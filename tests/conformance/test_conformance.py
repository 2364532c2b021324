"""The official suite, both requirement sets, in front of the SDK's own fixture: directly, and through the proxy."""

import secrets
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import yaml
from mcp import Client

from tests.conformance import suite
from tests.conformance.processes import serving

BIN = Path(sys.executable).parent
FIXTURE = suite.ROOT / ".venv-fixture" / "bin" / "mcp-everything-server"


@asynccontextmanager
async def proxy(config, tmp_path):
    """`mcp-stack-proxy serve` with `config`."""
    path = tmp_path / "proxy.yaml"
    path.write_text(yaml.safe_dump(config))
    async with serving(BIN / "mcp-stack-proxy", "serve", "--config", path, "--listen", "127.0.0.1:0") as address:
        yield address


async def tools(client):
    return [tool.model_dump(mode="json") for tool in (await client.list_tools()).tools]


async def assert_it_is_the_fixture(url, fixture):
    """Several scenarios pass on a server without tools; so the fixture has to be there, live, in both eras."""
    for mode in ("2026-07-28", "legacy"):
        nonce = secrets.token_hex(8)
        async with Client(url, mode=mode) as client, Client(f"{fixture}/mcp", mode=mode) as direct:
            assert await tools(client) == await tools(direct), "the tools differ from the fixture's own"
            read = await client.read_resource(f"test://template/{nonce}/data")
            assert nonce in read.contents[0].text
            prompt = await client.get_prompt("test_prompt_with_arguments", {"arg1": nonce, "arg2": "x"})
            assert nonce in prompt.messages[0].content.text


async def assert_conformant(url, revision, tmp_path, capsys):
    found = await suite.run(url, revision, tmp_path / "results")
    with capsys.disabled():
        print(f"\n{summary(url, revision, found)}")
    missed = suite.shortfall(revision, found)
    assert not missed, "\n".join(missed)


def summary(url, revision, found):
    names = suite.required(revision)
    green = sum(name in found and found[name].green for name in names)
    others = ", ".join(f"{name} {'green' if name in found and found[name].green else 'red'}" for name in suite.ALSO[revision])
    return f"conformance {revision} {url}: {green}/{len(names)}; not scored: {others}"


@pytest.mark.parametrize("revision", suite.REVISIONS)
async def test_the_fixture_itself_conforms_so_that_a_red_scenario_is_ours(revision, tmp_path, capsys):
    async with serving(FIXTURE, "--port", "0") as fixture:
        await assert_it_is_the_fixture(f"{fixture}/mcp", fixture)
        await assert_conformant(f"{fixture}/mcp", revision, tmp_path, capsys)


@pytest.mark.parametrize("revision", suite.REVISIONS)
async def test_one_server_behind_the_proxy_conforms_as_if_there_were_no_proxy(revision, tmp_path, capsys):
    async with serving(FIXTURE, "--port", "0") as fixture:
        config = {"servers": {"everything": {"url": f"{fixture}/mcp"}}}
        async with proxy(config, tmp_path) as address:
            url = f"{address}/servers/everything/mcp"
            await assert_it_is_the_fixture(url, fixture)
            await assert_conformant(url, revision, tmp_path, capsys)


@pytest.mark.parametrize("revision", suite.REVISIONS)
async def test_the_aggregate_of_two_servers_conforms(revision, tmp_path, capsys):
    async with serving(FIXTURE, "--port", "0") as fixture, serving(FIXTURE, "--port", "0") as other:
        servers = {"everything": {"url": f"{fixture}/mcp", "namespace": ""}, "other": {"url": f"{other}/mcp"}}
        async with proxy({"servers": servers}, tmp_path) as address:
            await assert_conformant(f"{address}/mcp", revision, tmp_path, capsys)
