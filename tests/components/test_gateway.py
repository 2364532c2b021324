import pulumi
import pytest
import yaml

from mcp_stack.gateway import McpGateway
from mcp_stack.server import McpServer

PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}


def objects(result, part):
    return {
        one.inputs["kind"]: one.inputs
        for one in result.resources
        if one.type.startswith("kubernetes:") and one.inputs["metadata"]["labels"].get("app.kubernetes.io/name") == part
    }


def test_a_gateway_serves_what_runs_anywhere(run):
    def program():
        clock = McpServer(
            "clock",
            {"command": ["python", "-m", "clock"], "proxy_image": PROXY, "trust_network": True, "clients": [{"namespace": "edge"}]},
        )
        gateway = McpGateway(
            "edge",
            {
                "namespace": "edge",
                "proxy_image": PROXY,
                "trust_network": True,
                "servers": {
                    "clock": {
                        "url": "${CLOCK_URL}",
                        "env": {"CLOCK_URL": clock.url},
                        "egress": [{"namespace": "mcp-test", "ports": [8000]}],
                    },
                    "sentry": {
                        "url": "https://mcp.sentry.dev/mcp",
                        "headers": {"Authorization": "Bearer ${TOKEN}"},
                        "env": {"TOKEN": {"secret": "token"}},
                        "secrets": {"token": {"config": "sentry"}},
                    },
                },
                "secret_values": {"sentry": "hush"},
            },
        )
        pulumi.export("url", gateway.url)
        pulumi.export("name", gateway.object_name)

    result = run(program)
    found = objects(result, "gateway")
    (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert {"name": "CLOCK_URL", "value": "http://test-clock.mcp-test.svc:8000/servers/clock/mcp"} in container["env"]
    config = yaml.safe_load(found["ConfigMap"]["data"]["proxy.yaml"])
    assert config["servers"]["clock"] == {"url": "${CLOCK_URL}"}
    assert objects(result, "sentry")["Secret"]["metadata"]["name"] == "test-sentry.token"
    assert result.outputs == {"url": "http://test-gateway.edge.svc:8080/mcp", "name": "test-gateway"}


@pytest.mark.parity("aggregate.auth-tokens")
@pytest.mark.parametrize("given", ["existing", "config"])
def test_a_gateway_of_its_own_asks_for_keys(run, given):
    secret = {"existing": "callers", "key": "keys.yaml"} if given == "existing" else {"config": "keys"}

    def program():
        McpGateway(
            "edge",
            {
                "proxy_image": PROXY,
                "secrets": {"keys": secret},
                "authentication": {"api_keys": {"secret": "keys"}},
                "servers": {"a": {"url": "https://a.example/mcp"}},
                "secret_values": {"keys": "- {}"},
            },
        )

    result = run(program)
    pod = objects(result, "gateway")["Deployment"]["spec"]["template"]["spec"]
    [source] = next(one for one in pod["volumes"] if one["name"] == "api-keys")["projected"]["sources"]
    made = [one.inputs for one in result.resources if one.type == "kubernetes:core/v1:Secret"]
    assert source["secret"]["name"] == ("callers" if given == "existing" else made[0]["metadata"]["name"])
    assert len(made) == (given == "config")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"servers": {"a": {"url": "https://a.example/mcp"}}, "trust_network": True}, "proxy_image: required, the gateway runs it"),
        (
            {"servers": {"a": {"url": "https://a.example/mcp"}}, "trust_network": True, "proxy_image": PROXY, "replcas": 2},
            "replcas: unknown key, did you mean `replicas`?",
        ),
        (
            {"servers": {"a": {"url": "nowhere"}}, "trust_network": True, "proxy_image": PROXY},
            "servers.a.url: 'nowhere' is no http:// or https:// URL",
        ),
        ({"servers": {}, "trust_network": True, "proxy_image": PROXY}, "servers: none is given"),
    ],
)
def test_mistakes_are_named_as_the_program_wrote_them(run, args, message):
    with pytest.raises(pulumi.RunError) as caught:
        run(lambda: McpGateway("edge", args))
    assert str(caught.value).splitlines()[0] == "McpGateway 'edge': 1 problem"
    assert str(caught.value).splitlines()[1].strip().startswith(message)
