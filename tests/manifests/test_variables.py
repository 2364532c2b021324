import pytest

MAP, NAME = {"config_map": {"name": "settings", "key": "log.level"}}, {"field": "metadata.labels['team']"}
FROM_MAP = {"name": "LEVEL", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "log.level"}}}
FROM_POD = {"name": "TEAM", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels['team']"}}}


@pytest.mark.parity("stack.command-and-env")
def test_a_server_reads_maps_of_others_and_what_its_pod_knows(render):
    container = render({"servers.web.env": {"LEVEL": MAP, "A": "b", "TEAM": NAME}}).container("test-web")
    assert container["env"] == [FROM_MAP, {"name": "A", "value": "b"}, FROM_POD]


def test_a_stdio_server_gets_them_through_its_proxy(render):
    rendered = render({"servers.box.env": {"LEVEL": MAP, "TEAM": NAME}})
    container = rendered.container("test-box")
    assert FROM_MAP in container["env"]
    assert FROM_POD in container["env"]
    text = rendered.one("ConfigMap", "test-box-config-")["data"]["proxy.yaml"]
    assert "LEVEL: ${LEVEL}" in text
    assert "TEAM: ${TEAM}" in text


def test_a_remote_servers_placeholders_are_filled_from_them(render):
    far = {"url": "https://mcp.example.org/mcp", "headers": {"X-Level": "${LEVEL}"}, "env": {"LEVEL": MAP}}
    assert FROM_MAP in render({"servers.far": far}).container("test-gateway")["env"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"field": "spec.hostname"}, "field: 'spec.hostname' is nothing that a pod is told of itself; it is told: metadata.name, "),
        ({"config_map": {"name": "settings"}}, "config_map.key: required, but missing"),
        (
            {"config_map": {"name": "settings", "key": "a", "optional": True}},
            "config_map.optional: unknown key, known here: key, name",
        ),
        ({"config_map": "settings"}, "write a text, `{secret: name}`"),
        ({"secret": "token", "field": "metadata.name"}, "write a text, `{secret: name}`"),
        ({"secret": {"name": "x"}}, "write a text, `{secret: name}`"),
        ({}, "write a text, `{secret: name}`"),
    ],
)
def test_what_is_no_reference_is_refused_and_says_why(render, value, message):
    with pytest.raises(ValueError, match=r"servers\.web\.env\.X: ") as refused:
        render({"servers.web.env.X": value})
    assert f"servers.web.env.X: {message}" in str(refused.value)


def test_two_remote_servers_agree_on_a_variable_of_the_gateway(render):
    def far(value):
        return {"url": "https://mcp.example.org/mcp", "headers": {"X": "${LEVEL}"}, "env": {"LEVEL": value}}

    assert FROM_MAP in render({"servers.far": far(MAP), "servers.further": far(dict(MAP))}).container("test-gateway")["env"]
    with pytest.raises(ValueError, match=r"servers\.further\.env\.LEVEL: server 'far' sets it otherwise"):
        render({"servers.far": far(MAP), "servers.further": far(NAME)})
