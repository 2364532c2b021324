"""The official suite in front of two real processes of one proxy, where each request goes to the next of them."""

import pytest

from mcp_stack_proxy.config.session_keys import new_session_key
from tests.conformance import suite
from tests.conformance.processes import serving
from tests.conformance.test_conformance import AGGREGATE_LACKS, FIXTURE, assert_conformant, summary
from tests.serve.balanced import balanced, write_keys


@pytest.mark.parametrize("revision", suite.REVISIONS)
async def test_one_server_behind_two_replicas_conforms(revision, tmp_path, capsys):
    write_keys(tmp_path / "keys", new_session_key())
    async with serving(FIXTURE, "--port", "0") as fixture:
        config = {"servers": {"everything": {"url": f"{fixture}/mcp"}}}
        async with balanced(tmp_path, config, tmp_path / "keys") as found:
            await assert_conformant(found.mcp("everything"), revision, tmp_path, capsys)


@pytest.mark.parametrize("revision", suite.REVISIONS)
async def test_the_aggregate_of_two_replicas_conforms_as_that_of_one(revision, tmp_path, capsys):
    write_keys(tmp_path / "keys", new_session_key())
    async with serving(FIXTURE, "--port", "0") as fixture, serving(FIXTURE, "--port", "0") as other:
        servers = {"everything": {"url": f"{fixture}/mcp", "namespace": ""}, "other": {"url": f"{other}/mcp"}}
        async with balanced(tmp_path, {"servers": servers}, tmp_path / "keys") as replicas:
            found = await suite.run(replicas.mcp(), revision, tmp_path / "results")
    with capsys.disabled():
        print(f"\n{summary('/mcp, two replicas', revision, found)}")
    missed = suite.shortfall(revision, found)
    assert {line.partition(":")[0] for line in missed} == AGGREGATE_LACKS[revision], "\n".join(missed)
