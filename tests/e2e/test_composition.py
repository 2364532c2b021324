"""Components in somebody else's programs, through the real engine: beside each other, renamed, with a program's options."""

import itertools

import pulumi
import pulumi_kubernetes as k8s
import pytest

from mcp_stack import names
from mcp_stack.disruption import Disruption
from mcp_stack.gateway import McpGateway
from mcp_stack.server import McpServer
from mcp_stack.stack import McpStack
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.programs import Program
from tests.e2e.waiting import until

DIGEST = "sha256:" + "a" * 64
PROXY = {"repository": "ghcr.io/acme/mcp-stack-proxy", "tag": "0.1.0", "digest": DIGEST}
IMAGE = {"repository": "ghcr.io/acme/web", "tag": "1.0.0", "digest": DIGEST}
AGENTS = [{"namespace": "agents"}]
SHARED, OWN, KEPT = "e2e-both", "e2e-names", "e2e-options"
POD_SECONDS = 60


@pytest.fixture(scope="module")
def program(endpoint, definitions, provider, pulumi_home, tmp_path_factory):
    """Makes a stack of one project; each is destroyed at the end."""
    environment = engine_environment(pulumi_home, Bucket(endpoint, "state-composition"), provider[1])
    made = {}

    def named(stack):
        if stack not in made:
            made[stack] = Program(stack, tmp_path_factory.mktemp(stack), environment)
        return made[stack]

    yield named
    for one in made.values():
        one.destroy()


@pytest.fixture(scope="module")
def namespaces(api):
    for name in (SHARED, OWN, KEPT):
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, "e2e")
    yield
    api.delete(*(f"/api/v1/namespaces/{name}" for name in (SHARED, OWN, KEPT)))


def cluster():
    return k8s.Provider("cluster", enable_secret_mutable=True)


def whole(stack, servers):
    """A stack in the shared namespace. Two of these differ in nothing else."""

    def run():
        one = {"image": IMAGE, "autoscaling": {"min": 2, "max": 3, "cpu": 70}, "clients": AGENTS}
        args = {
            "stack": stack,
            "namespace": {"name": SHARED, "create": False},
            "proxy": {"image": PROXY},
            "secrets": {"sealing": {"existing": "sealing", "key": "sealing"}},
            "gateway": {"trust_network": True, "replicas": 2, "sessions": {"keys": {"secret": "sealing"}}, "clients": AGENTS},
            "servers": dict.fromkeys(servers, one),
        }
        McpStack("mcp", args, pulumi.ResourceOptions(provider=cluster()))

    return run


TWO = {"team": ("a-b", "web"), "team-a": ("b", "web")}
"""Stacks and servers whose names would run into one another if they were joined by a dash."""


@pytest.fixture(scope="module")
def both(program, namespaces):
    for stack, servers in TWO.items():
        program(stack).up(whole(stack, servers))


def instances(found):
    return {one["metadata"]["labels"][names.INSTANCE_LABEL] for one in found}


def test_two_stacks_in_one_namespace_make_objects_of_their_own(both, api):
    """The provider creates nothing that is there already, so that both are up says that no name is shared."""
    for kind in ("apps/v1 Deployment", "v1 Service", "v1 ServiceAccount", "networking.k8s.io/v1 NetworkPolicy", "v1 ConfigMap"):
        found = api.list(*kind.split(), SHARED, labelSelector=names.INSTANCE_LABEL)
        assert instances(found) == set(TWO), kind
    for stack, servers in TWO.items():
        for part in (*servers, "gateway"):
            live = api.get(f"/apis/apps/v1/namespaces/{SHARED}/deployments/{names.object_name(stack, part)}")
            assert names.labels(stack, part).items() <= live["metadata"]["labels"].items()
            assert live["spec"]["selector"]["matchLabels"] == names.selector(stack, part)
            (port, *_) = live["spec"]["template"]["spec"]["containers"][0]["ports"]
            assert port["containerPort"] == (names.GATEWAY_PORT if part == "gateway" else names.SERVER_PORT)


def test_nothing_of_one_stack_selects_a_pod_of_the_other(both, api):
    """Services, policies and budgets, over the pods that the cluster has really made."""
    wanted = sum(2 * (len(servers) + 1) for servers in TWO.values())
    until(lambda: len(api.list("v1", "Pod", SHARED)) >= wanted, POD_SECONDS, f"{wanted} pods")
    pods = [one["metadata"]["labels"] for one in api.list("v1", "Pod", SHARED)]
    selectors = [
        (item, item["spec"]["selector"] if kind == "Service" else item["spec"]["podSelector" if "Network" in kind else "selector"])
        for version, kind in (("v1", "Service"), ("networking.k8s.io/v1", "NetworkPolicy"), ("policy/v1", "PodDisruptionBudget"))
        for item in api.list(version, kind, SHARED)
    ]
    chosen = [(item, [pod for pod in pods if matches(selector, pod)]) for item, selector in selectors]
    assert [item["metadata"]["name"] for item, found in chosen if not found] == []
    for item, found in chosen:
        assert {pod[names.INSTANCE_LABEL] for pod in found} == instances([item]), item["metadata"]["name"]
    budgets = [found for item, found in chosen if item["spec"].get("maxUnavailable")]
    assert len(budgets) == sum(len(servers) + 1 for servers in TWO.values())
    assert not [one for first, second in itertools.combinations(budgets, 2) for one in first if one in second]


def matches(selector, labels):
    """As far as our selectors go: labels that have to be there."""
    assert set(selector) - {"matchLabels"} == set() or "matchLabels" not in selector
    return selector.get("matchLabels", selector).items() <= labels.items()


def test_one_of_them_goes_and_the_other_does_not_notice(both, api, program):
    program("team-a").destroy()
    assert program("team").preview(whole("team", TWO["team"])) == []
    left = api.list("apps/v1", "Deployment", SHARED)
    assert instances(left) == {"team"}
    program("team-a").up(whole("team-a", TWO["team-a"]))


WEB = {"namespace": OWN, "image": IMAGE, "clients": AGENTS}
DB = {"image": IMAGE, "storage": {"claims": {"data": {"path": "/data", "size": "1Gi"}}}, "clients": AGENTS}
FAR = {"far": {"url": "https://mcp.example.com/mcp"}}


def several(server="db", formerly=None, stack="mcp", web="web", gateway="edge", parent=None, aliases=True, keep=True):
    """A stack, a server and a gateway. What is called otherwise than by default says what it was called before."""

    def run():
        own = pulumi.ResourceOptions(provider=cluster())

        def options(now, before, under=None):
            known = [pulumi.Alias(name=before, **({"parent": pulumi.ROOT_STACK_RESOURCE} if under else {}))]
            moved = pulumi.ResourceOptions(parent=under, aliases=known if aliases and (now != before or under) else None)
            return pulumi.ResourceOptions.merge(own, moved)

        above = pulumi.ComponentResource("acme:index:Team", parent, None, own) if parent else None
        servers = {server: {**DB, **({"formerly": formerly} if formerly else {})}}
        args = {"stack": "mcp", "namespace": {"name": OWN, "create": False}, "gateway": {"enabled": False}, "servers": servers}
        McpStack(stack, args, options(stack, "mcp"))
        kept = {"server": "web"} if keep else {}
        McpServer(web, {**WEB, "stack": "own", **kept}, options(web, "web", above))
        edge = {
            "stack": "edge",
            "namespace": OWN,
            "proxy_image": PROXY,
            "trust_network": True,
            "clients": AGENTS,
        }
        McpGateway(gateway, {**edge, "servers": FAR}, options(gateway, "edge", above))

    return run


@pytest.fixture(scope="module")
def renaming(program, namespaces):
    found = program("names")
    found.up(several())
    return found


RENAMES = {
    "a server of a stack": {"server": "base", "formerly": "db"},
    "a stack": {"stack": "main"},
    "a server": {"web": "site"},
    "a gateway": {"gateway": "front"},
    "below another parent": {"parent": "team"},
    "all at once": {"server": "base", "formerly": "db", "stack": "main", "web": "site", "gateway": "front", "parent": "team"},
}


def of_kubernetes(planned):
    return [one for one in planned if one["type"].startswith("kubernetes:")]


@pytest.mark.parametrize("change", RENAMES.values(), ids=RENAMES)
def test_a_rename_replaces_and_removes_nothing(renaming, change):
    planned = renaming.preview(several(**change))
    assert {one["op"] for one in of_kubernetes(planned)} <= {"update"}, of_kubernetes(planned)
    assert {one["op"] for one in planned} <= {"update", "create"}
    assert {one["type"] for one in planned if one["op"] == "create"} <= {"acme:index:Team"}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"server": "base"}, "StatefulSet"),
        ({"web": "site", "keep": False}, "Deployment"),
        ({"web": "site", "aliases": False}, "Deployment"),
    ],
    ids=["server", "object-name", "no-alias"],
)
def test_a_rename_that_does_not_say_so_makes_new_objects(renaming, change, kind):
    """As docs/composition.md says: the name of an object is part of what it is."""
    planned = [one["op"] for one in renaming.preview(several(**change)) if one["type"].endswith(f":{kind}")]
    assert "create" in planned or "replace" in planned or "create-replacement" in planned, planned


def test_what_was_renamed_is_the_same_object_afterwards(renaming, api):
    paths = [
        f"/apis/apps/v1/namespaces/{OWN}/statefulsets/mcp-db",
        f"/apis/apps/v1/namespaces/{OWN}/deployments/own-web",
        f"/apis/apps/v1/namespaces/{OWN}/deployments/edge-gateway",
    ]
    before = [api.get(path)["metadata"]["uid"] for path in paths]
    renaming.up(several(**RENAMES["all at once"]))
    assert [api.get(path)["metadata"]["uid"] for path in paths] == before
    assert renaming.preview(several(**RENAMES["all at once"])) == []


def marked(name):
    """A transform that annotates every Kubernetes object."""

    def transform(args):
        if not args.type_.startswith("kubernetes:") or "metadata" not in args.props:
            return None
        metadata = args.props["metadata"]
        annotations = {**metadata.get("annotations", {}), f"acme.example/{name}": "yes"}
        return pulumi.ResourceTransformResult({**args.props, "metadata": {**metadata, "annotations": annotations}}, args.opts)

    return transform


def unwatched(args):
    """A transform that leaves the replicas of Deployments to somebody else."""
    if not args.type_.endswith(":Deployment"):
        return None
    return pulumi.ResourceTransformResult(
        args.props, pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(ignore_changes=["spec.replicas"]))
    )


def optioned(replicas=2, **options):
    """A server and a budget of a program that says something of everything in them."""

    def run():
        pulumi.runtime.register_resource_transform(marked("everywhere"))
        first = k8s.core.v1.ConfigMap(
            "first", metadata={"name": "first", "namespace": KEPT}, opts=pulumi.ResourceOptions(provider=(own := cluster()))
        )
        given = pulumi.ResourceOptions(providers=[own], depends_on=[first], transforms=[marked("here"), unwatched], **options)
        McpServer("web", {**WEB, "stack": "opts", "namespace": KEPT, "replicas": replicas}, given)
        Disruption("else", {"namespace": KEPT, "selector": {"app": "else"}, "min_replicas": 2}, given)

    return run


@pytest.fixture(scope="module")
def options(program, namespaces):
    found = program("options")
    done = found.up(optioned(protect=True))
    yield found, [one["urn"].rpartition("::")[2] for one in done]
    if found.state():
        found.up(optioned(protect=False))


def children(state):
    return [one for one in state if "mcp-stack:index:" in one["urn"] and one["custom"]]


def test_transforms_of_the_stack_and_of_a_component_reach_what_the_cluster_has(options, api):
    for one in children(options[0].state()):
        inputs = one["inputs"]
        live = api.get(api.path_of(inputs))
        assert {"acme.example/everywhere": "yes", "acme.example/here": "yes"}.items() <= live["metadata"]["annotations"].items()
    first = api.get(f"/api/v1/namespaces/{KEPT}/configmaps/first")
    assert first["metadata"]["annotations"] == {"acme.example/everywhere": "yes"}


def test_every_child_has_the_components_provider_and_comes_after_what_it_depends_on(options):
    found, order = options
    assert {one["provider"].split("::")[-2] for one in children(found.state())} == {"cluster"}
    assert {order.index("first") < order.index(one["urn"].rpartition("::")[2]) for one in children(found.state())} == {True}


def test_what_a_program_protects_is_not_destroyed(options, api):
    assert "protected" in options[0].refused(None)
    assert api.get(f"/apis/apps/v1/namespaces/{KEPT}/deployments/opts-web") is not None


def test_changes_that_a_transform_ignores_change_nothing(options):
    assert of_kubernetes(options[0].preview(optioned(replicas=3, protect=True))) == []


def test_what_a_program_retains_stays_in_the_cluster_and_leaves_the_state(options, api):
    found, _ = options
    found.up(optioned(protect=False, retain_on_delete=True))
    kept = [api.path_of(one["inputs"]) for one in children(found.state())]
    found.destroy()
    assert found.state() == []
    assert [path for path in kept if api.get(path) is None] == []
