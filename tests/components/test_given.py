"""Arguments that cannot be read at all are refused in words, whichever component they are for."""

import pulumi
import pytest

from mcp_stack.autoscaling import Autoscaling
from mcp_stack.backup import Backup
from mcp_stack.disruption import Disruption
from mcp_stack.exposure import Exposure
from mcp_stack.gateway import McpGateway
from mcp_stack.image import ImageBuild
from mcp_stack.monitoring import Monitoring
from mcp_stack.network import Network
from mcp_stack.proxy import McpProxy
from mcp_stack.secrets import SecretSync
from mcp_stack.server import McpServer
from mcp_stack.stack import McpStack

OF_A_STACK = [McpServer, McpGateway, McpProxy, SecretSync, McpStack]
ALONE = [Autoscaling, Backup, Disruption, Monitoring, Network]
EVERY = [*OF_A_STACK, *ALONE, Exposure, ImageBuild]
PODS = {"namespace": "team", "selector": {"app": "web"}}


@pytest.fixture
def refused(run):
    def message(component, args, name="web"):
        with pytest.raises(pulumi.RunError) as caught:
            run(lambda: component(name, args() if callable(args) else args))
        return str(caught.value)

    return message


@pytest.mark.parametrize("component", EVERY)
@pytest.mark.parametrize(("args", "given"), [(None, "none"), ([], "something else")])
def test_what_is_no_mapping_is_refused(refused, component, args, given):
    assert f"takes a mapping of arguments, and was given {given}" in refused(component, args)


@pytest.mark.parametrize(
    ("component", "missing"), [(McpGateway, ["servers"]), (Exposure, ["port", "service"])], ids=["gateway", "exposure"]
)
def test_what_has_to_be_there_is_named(refused, component, missing):
    message = refused(component, {"namespace": "team"})
    assert [line.strip() for line in message.splitlines()[1:]] == [f"{key}: required, but missing" for key in missing]


@pytest.mark.parametrize("component", OF_A_STACK)
@pytest.mark.parametrize("key", ["stack", "source"])
def test_names_are_texts_that_are_known(refused, component, key):
    args = {"servers": {}, key: 5}
    assert f"  {key}: expected a text" in refused(component, args)
    later = refused(component, lambda: {**args, key: pulumi.Output.from_input("x")})
    assert f"  {key}: known only after deployment, and has to be known before" in later
    assert "  secret_values: expected a mapping of keys" in refused(component, {"servers": {}, "secret_values": None})


def test_the_service_of_a_way_from_outside_has_a_name_that_there_can_be(refused):
    args = {"namespace": "team", "service": "My Shop", "port": 80, "host": "a.example.com", "parent": {"name": "public"}}
    assert "  service: 'My Shop' is no name of a Service: lower-case letters" in refused(Exposure, args)


@pytest.mark.parametrize("name", ["Web", "my_web", "wéb", "w" * 64, "-web"])
@pytest.mark.parametrize(("component", "args"), [(Network, PODS), (Disruption, {**PODS, "min_replicas": 2})])
def test_a_name_that_no_object_can_have_is_refused(refused, component, args, name):
    assert f"{name!r} is the name of objects in the cluster, too" in refused(component, args, name)


def test_room_is_left_for_what_ends_the_name_of_a_dashboard(refused, run):
    args = {**PODS, "labels": {}}
    assert "at most 53 characters" in refused(Monitoring, args, "m" * 54)
    assert run(lambda: Monitoring("m" * 53, args)).resources


def test_all_is_told_at_once(refused):
    message = refused(Disruption, {"namespace": "Team", "selector": {"app": "web"}, "min_replicas": 2}, "My Web")
    assert message.startswith("Disruption 'My Web': 2 problems")
