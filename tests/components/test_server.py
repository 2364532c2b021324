import pulumi
import pytest

from mcp_stack.preview.values import Secret
from mcp_stack.server import McpServer

PROXY = {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0"}


def objects(result):
    return {one.inputs["kind"]: one.inputs for one in result.resources if one.type.startswith("kubernetes:")}


@pytest.mark.parity("stack.package")
def test_a_program_of_its_own_gets_one_server(run):
    def program():
        server = McpServer(
            "github",
            {
                "namespace": "team",
                "image": {"repository": "ghcr.io/acme/github", "tag": "1.0.0"},
                "port": 8082,
                "replicas": 2,
                "clients": [{"namespace": "agents"}],
            },
        )
        pulumi.export("url", server.url)
        pulumi.export("host", server.host)
        pulumi.export("name", server.object_name)

    result = run(program)
    found = objects(result)
    assert set(found) == {"ServiceAccount", "NetworkPolicy", "Service", "Deployment", "PodDisruptionBudget"}
    assert found["Deployment"]["metadata"]["name"] == "test-github"
    assert found["Deployment"]["metadata"]["namespace"] == "team"
    assert {key: value for key, value in result.outputs.items() if value is not None} == {
        "url": "http://test-github.team.svc:8082/mcp",
        "name": "test-github",
    }


def test_a_stdio_server_brings_its_own_surroundings(run):
    def program():
        McpServer(
            "clock",
            {
                "server": "time",
                "stack": "team",
                "command": ["python", "-m", "clock"],
                "proxy_image": PROXY,
                "trust_network": True,
                "limits": {"drain_seconds": 40},
                "environment": "production",
                "domain": "example.com",
                "exposure": {"parent": {"name": "public"}},
            },
        )

    found = objects(run(program))
    assert found["Deployment"]["metadata"]["name"] == "team-time"
    assert found["Deployment"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 50
    assert found["HTTPRoute"]["spec"]["hostnames"] == ["mcp-time.example.com"]


def test_values_that_only_a_deployment_knows_reach_the_container(run):
    def program():
        database = pulumi.Output.from_input("later").apply(lambda value: value)
        McpServer(
            "web",
            {
                "image": {"repository": "web", "tag": "1.0.0"},
                "env": {"DATABASE_URL": database, "T": {"secret": "t"}},
                "secrets": {"t": {"config": "t"}},
                "secret_values": {"t": pulumi.Output.secret("hush")},
            },
        )

    found = objects(run(program))
    (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert {"name": "DATABASE_URL", "value": "later"} in container["env"]
    assert found["Secret"]["stringData"] in (Secret({"value": "hush"}), {"value": Secret("hush")})


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"image": {"repository": "web"}}, "image: give a `tag` or a `digest`; there is no default, and never `latest`"),
        ({"image": {"repository": "web", "tag": "1"}, "prot": 1}, "prot: unknown key, did you mean `port`?"),
        ({"command": ["x"], "proxy_image": {**PROXY, "tag": "latest"}, "trust_network": True}, "proxy_image.tag: 'latest' names"),
        ({"command": ["x"], "proxy_image": PROXY}, "trust_network: nothing checks who calls the proxy"),
        ({"image": {"repository": "web", "tag": "1"}, "namespace": "A"}, "namespace: 'A' is no DNS label"),
        (
            {"image": {"repository": "web", "tag": "1"}, "files": {"/s/t": {"secret": "t"}}, "secrets": {"t": {"config": "t"}}},
            "secrets.t.config: 't' has no value",
        ),
    ],
)
def test_mistakes_are_named_as_the_program_wrote_them(run, args, message):
    with pytest.raises(pulumi.RunError) as caught:
        run(lambda: McpServer("web", args))
    assert str(caught.value).splitlines()[0] == "McpServer 'web': 1 problem"
    assert str(caught.value).splitlines()[1].strip().startswith(message)


@pytest.mark.parity("stack.extra-objects")
def test_every_way_from_outside_is_an_output(run):
    def program():
        server = McpServer(
            "github",
            {
                "image": {"repository": "ghcr.io/acme/github", "tag": "1.0.0"},
                "exposures": {name: {"host": f"{name}.example", "parent": {"name": "public"}} for name in ("a", "b")},
            },
        )
        pulumi.export("urls", server.public_urls)
        pulumi.export("host", server.host)

    result = run(program)
    assert result.outputs == {"urls": ["https://a.example/mcp", "https://b.example/mcp"], "host": "a.example"}
    routes = [one for one in result.resources if one.type.endswith("HTTPRoute")]
    assert sorted(one.name for one in routes) == ["github-exposures.a", "github-exposures.b"]
