"""The suite's client leg: its servers, our proxy, the SDK's conformance client. What the suite judges is the proxy as a client."""

import pytest

from tests.conformance import suite
from tests.conformance.lacking import CLIENT_LACKING
from tests.conformance.routes import CLIENT

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCENARIOS = [(revision, scenario) for revision, scenarios in suite.CLIENT_SCENARIOS.items() for scenario in scenarios]


async def test_there_is_a_client_and_a_scenario_for_each_of_the_twelve():
    assert len(CLIENT) == 2
    assert len(SCENARIOS) == 12
    for revision, scenarios in suite.CLIENT_SCENARIOS.items():
        assert {name for name in suite.required(revision, "client") if not name.startswith("auth/")} <= set(scenarios)


@pytest.mark.parametrize("route", ["one", "all"])
@pytest.mark.parametrize(("revision", "scenario"), SCENARIOS)
async def test_the_proxy_is_a_client_like_the_one_in_front_of_it(world, route, revision, scenario):
    found = await world.client(route, revision, scenario)
    assert found.green != ((route, revision, scenario) in CLIENT_LACKING), found
