"""A stack of one server and one of fifty, every kind in turn, before every judge."""

import pytest

from mcp_stack.manifests import manifests_for
from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.declared import declared_by
from mcp_stack.preview.documents import write
from mcp_stack.preview.rendered import KubeObject
from mcp_stack.spec import load_spec
from tests.judges import kube_score, trivy
from tests.judges.checkov import complaints, reports
from tests.judges.schemas import VERSIONS, schema_faults, unjudged

SIZES = (1, 50)
DIGEST = "sha256:" + "a" * 64
IMAGE = {"repository": "ghcr.io/acme/server", "tag": "1.0.0", "digest": DIGEST}
KINDS = (
    {"image": IMAGE, "autoscaling": {"min": 2, "max": 5}, "egress": [{"cidr": "203.0.113.0/24", "ports": [443]}]},
    {"command": ["serve", "${TOKEN}"], "env": {"TOKEN": {"secret": "token"}}},
    {"url": "https://mcp.example.org/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}, "env": {"TOKEN": {"secret": "token"}}},
    {"image": IMAGE, "exposure": {}, "writable": ["/data"], "files": {"/run/keys/token": {"secret": "token"}}},
)


def stack(size):
    """As many servers, and a gateway that asks for keys."""
    return {
        "domain": "example.com",
        "image": {"pull_secrets": ["registry"]},
        "proxy": {"image": {"repository": "ghcr.io/acme/proxy", "tag": "1.0.0", "digest": DIGEST}},
        "exposure": {"parent": {"name": "public", "namespace": "edge"}},
        "secrets": {name: {"existing": "mcp", "key": name} for name in ("keys", "sessions", *(["token"] if size > 1 else []))},
        "gateway": {
            "replicas": 2,
            "authentication": {"api_keys": {"secret": "keys"}},
            "sessions": {"keys": {"secret": "sessions"}},
            "exposure": {},
        },
        "defaults": {"replicas": 2},
        "servers": {f"server-{number}": KINDS[number % len(KINDS)] for number in range(size)},
    }


@pytest.fixture(scope="module", params=SIZES)
def made(request):
    spec = load_spec(stack(request.param), "sized")
    return spec, [KubeObject(item) for item in manifests_for(spec)]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_object_is_valid_strictly(made, version):
    _, objects = made
    known = [item.plain for item in objects if not unjudged(item.plain)]
    assert len(known) == len(objects), "every kind has a schema here"
    assert [fault for item in known for fault in schema_faults(item, version)] == []


def test_objects_fit_together_and_pods_run_restricted(made):
    spec, objects = made
    assert [str(finding) for finding in check_objects(objects, declared_by(spec), spec)] == []


def test_checkov_fails_nothing(made, tmp_path):
    write(made[1], tmp_path)
    (report,) = reports([tmp_path])
    assert complaints(report) == []


@pytest.mark.skipif(kube_score.program() is None, reason="kube-score is not here: it is built where Go is")
def test_kube_score_has_nothing_to_say(made, tmp_path):
    write(made[1], tmp_path)
    assert kube_score.complaints(tmp_path, "sized") == []


@pytest.mark.skipif(trivy.program() is None, reason="trivy's checks are not here: they are built where Go is")
def test_trivys_checks_find_nothing(made):
    assert trivy.complaints([item.plain for item in made[1]]) == []
