import pulumi
import pytest
from pulumi.output import Unknown

from mcp_stack.inputs import Part, gateway_of, server_of, stack_of
from mcp_stack.manifests import server_objects
from mcp_stack.preview.values import Secret

WEB = {"image": {"repository": "web", "tag": "1.0.0"}}
SECRET = {"files": {"/run/s/t": {"secret": "t"}}, "secrets": {"t": {"config": "key"}}}


def test_one_server_is_a_stack_of_its_own(run):
    parts = []
    run(lambda: parts.append(server_of("web", {**WEB, "stack": "team", "namespace": "tools"})))
    (part,) = parts
    assert (part.name, part.spec.stack, part.spec.namespace) == ("web", "team", "tools")
    assert part.spec.create_namespace is False
    assert part.spec.gateway.enabled is False
    assert part.checksum() is None


def test_the_same_keys_give_the_same_objects_as_the_stack_file(run):
    """Alone, a server knows no gateway that may call it; all else is equal."""
    found = []

    def program():
        alone = server_of("web", {**WEB, "port": 9000, "replicas": 2})
        spec, values, _ = stack_of({"gateway": {"enabled": False}, "servers": {"web": {**WEB, "port": 9000, "replicas": 2}}})
        found.extend(server_objects(part.spec, part.name, part.value_of) for part in (alone, Part(spec, "web", values)))

    run(program)
    assert found[0] == found[1]


@pytest.mark.parametrize("wrap", [dict, pulumi.Output.from_input], ids=["map", "secret as a whole"])
def test_values_of_secrets_may_come_as_a_map_or_as_a_secret(run, wrap):
    def program():
        part = server_of("web", {**WEB, **SECRET, "secret_values": wrap({"key": "hush"})})
        pulumi.export("value", part.value_of("key"))
        pulumi.export("checksum", part.checksum())

    outputs = run(program).outputs
    assert outputs["value"] == Secret("hush")
    assert isinstance(outputs["checksum"], Secret)


def test_a_value_that_is_missing_is_named_at_once_or_as_soon_as_it_is_known(run):
    with pytest.raises(pulumi.RunError, match=r"secrets\.t\.config: 'key' has no value"):
        run(lambda: server_of("web", {**WEB, **SECRET, "secret_values": {"other": "x"}}))

    def program():
        part = server_of("web", {**WEB, **SECRET, "secret_values": pulumi.Output.from_input({"other": "x"})})
        pulumi.export("value", part.value_of("key"))

    with pytest.raises(pulumi.RunError, match="McpServer 'web': secret_values holds no 'key'"):
        run(program)


def test_what_is_unknown_in_a_preview_is_a_value_for_later(run):
    known = []

    def program():
        part = server_of("web", {**WEB, "env": {"URL": Unknown()}})
        known.append(part.spec.servers["web"].env["URL"])

    run(program)
    assert isinstance(known[0], pulumi.Output)


def test_a_gateway_is_a_stack_without_servers_of_its_own(run):
    parts = []
    args = {
        "servers": {"far": {"url": "https://far.example/mcp"}},
        "proxy_image": {"repository": "p", "tag": "1"},
        "trust_network": True,
    }
    run(lambda: parts.append(gateway_of("edge", args)))
    assert (parts[0].name, list(parts[0].spec.servers), parts[0].spec.namespace) == ("gateway", ["far"], "mcp-test")
