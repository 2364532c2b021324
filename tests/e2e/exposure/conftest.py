"""A stack that a real controller, Traefik, reads, and its clients far from the cluster."""

import asyncio

import httpx2
import pytest

from tests.e2e.cli import Cli
from tests.e2e.controllers import traefik
from tests.e2e.controllers.authority import Authority
from tests.e2e.controllers.clients import SECONDS, Outside
from tests.e2e.controllers.exposed import (
    BARE,
    CERTIFICATES,
    GATEWAY,
    NAMESPACE,
    NOTES,
    REPLICAS,
    STACK,
    diagnosed,
    stack,
)
from tests.e2e.controllers.network import network_of
from tests.e2e.controllers.node import Node
from tests.e2e.controllers.quiet import Quiet
from tests.e2e.engine import Bucket, engine_environment
from tests.e2e.project import KEY, Copy
from tests.e2e.waiting import until
from tests.judges.stacks import ROOT


@pytest.fixture(scope="session")
def network(cluster):
    return network_of(cluster)


@pytest.fixture(scope="session")
def controller(network, cluster, api, definitions, tmp_path_factory):
    """Traefik, with its classes and the definitions of its own kinds, which are gone afterwards."""
    traefik.program()
    kinds = list(traefik.definitions())
    for one in [*kinds, *traefik.OBJECTS]:
        api.apply(one, "e2e", force=True)
    with traefik.forwarding(network, cluster.kubeconfig, tmp_path_factory.mktemp("traefik") / "log"):
        yield
    api.delete(*map(api.path_of, [*traefik.OBJECTS, *kinds]))


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    copy = Copy(ROOT, "staging", tmp_path_factory.mktemp("exposed") / "project")
    return copy.as_stack(STACK, {"pulumi:disable-default-providers": ["kubernetes"], KEY: stack("absent")})


@pytest.fixture(scope="session")
def cli(controller, project, provider, endpoint, pulumi_home, hosts):
    found = Cli(project.directory, engine_environment(pulumi_home, Bucket(endpoint, "state-exposed"), provider[1]), hosts)
    found.must("stack", "init", STACK)
    yield found
    found.destroy(STACK)


@pytest.fixture(scope="session")
def node(network, api, tmp_path_factory):
    with Node(api, network, NAMESPACE, tmp_path_factory.mktemp("node")) as found:
        yield found


@pytest.fixture(scope="session")
def looks(node, cli, project, api):
    """What `diagnose` says while nobody has the classes, then without certificates, and when all is there."""
    cli.up(STACK)
    node.ready(REPLICAS)
    found = {"absent": diagnosed(project.directory)}
    project.write(stack(traefik.CLASS))
    cli.up(STACK)
    until(lambda: served(api), SECONDS, "the Gateway and every Ingress to have an address")
    found["uncertified"] = diagnosed(project.directory)
    return found


def served(api):
    """Whether the controller has looked at all of them."""
    gateways = api.list("gateway.networking.k8s.io/v1", "Gateway", NAMESPACE)
    ingresses = api.list("networking.k8s.io/v1", "Ingress", NAMESPACE)
    addresses = [one.get("status", {}).get("loadBalancer", {}).get("ingress") for one in ingresses]
    return all(addresses) and all("listeners" in one.get("status", {}) for one in gateways)


@pytest.fixture(scope="session")
def outside(looks, network, api, tmp_path_factory):
    """Clients far from the cluster, once there are certificates."""
    authority = Authority()
    for name, hosts in CERTIFICATES.items():
        api.apply(authority.secret(NAMESPACE, name, *hosts), "e2e")
    found = Outside(network.address, authority.trusted(tmp_path_factory.mktemp("authority")))
    urls = [*GATEWAY, *NOTES, *(f"{base}/mcp" for base in BARE)]
    until(lambda: asyncio.run(answered(found, urls)), SECONDS, "an answer of every host that its certificate is good for")
    return found


async def answered(outside, urls):
    """Whether whoever asks at each URL is answered by more than the controller."""
    async with outside.http() as http:
        try:
            return all([(await http.options(url)).status_code not in (404, 500, 502, 503, 504) for url in urls])
        except httpx2.ConnectError:  # another certificate than the host's
            return False


@pytest.fixture(scope="session")
def quiet(outside):
    """They are watched while other tests run."""
    found = Quiet(outside)
    found.start()
    return found
