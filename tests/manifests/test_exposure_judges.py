"""What strangers say of everything that lets the outside in: the API's schemas, and the definitions of other kinds."""

import os
from functools import cache
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from mcp_stack.preview.checks import check_objects
from mcp_stack.preview.checks.external import External
from mcp_stack.preview.declared import declared_by
from mcp_stack.preview.rendered import KubeObject
from tests.judges.schemas import CRDS, _faults, definition_schemas

DEFINITIONS = [Path(one) for one in (os.environ.get(CRDS), Path(__file__).parents[3] / "shared" / "crds") if one]

GROUPS = ("gateway.networking.k8s.io", "cert-manager.io", "gateway.envoyproxy.io")
"""Groups whose definitions are read; a directory may hold megabytes of others."""

WISHES = {
    "cors": {"origins": ["https://app.example.com"]},
    "aliases": ["web.example.org"],
    "path": "/web",
    "rewrite": "/",
    "affinity": "cookie",
}
EVERYONE = {"rate_limit": {"requests": 100, "per": "minute", "by": "everyone"}}
OWN = {
    "gateway": {"gateway_class": "eg", "annotations": {"lb": "internal"}},
    "tls": {"secret": "wildcard", "secret_namespace": "certs"},
}
STACKS = {
    "own gateway": {"exposure": OWN, "gateway.exposure": {}, "servers.web.exposure": {**WISHES, **EVERYONE}},
    "issued": {
        "exposure": {**OWN, "tls": {"cluster_issuer": "letsencrypt"}},
        "gateway.exposure": {},
        "servers.web.exposure": {"tls": {"issuer": "ca", "wildcard": True}},
    },
    "ingress": {
        "exposure": {"via": "ingress", "ingress_class": "nginx", "tls": {"issuer": "ca", "wildcard": True}},
        "gateway.exposure": {},
        "servers.web.exposure": {**WISHES, "rate_limit": {"requests": 5}, "idle_seconds": 60, "max_body_bytes": 100},
    },
    "traefik": {
        "exposure": {"via": "ingress", "ingress_class": "traefik", "tls": {"cluster_issuer": "letsencrypt"}},
        "servers.web.exposure": {**WISHES, **EVERYONE},
    },
    "gce": {
        "exposure": {"via": "ingress", "ingress_class": "gce", "tls": {"secret": "wildcard"}},
        "servers.web.exposure": {"affinity": "client-ip"},
        "gateway.exposure": {},
    },
}


@cache
def definitions():
    """Strict schemas of the definitions that are there, by version and kind."""
    return {
        key: schema
        for directory in DEFINITIONS
        for group in GROUPS
        for path in sorted(directory.glob(f"{group}_*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
        for key, schema in definition_schemas(document)
    }


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("version", ["1.35", "1.36", "1.37"])
def test_every_built_in_object_is_valid_strictly(render, name, version):
    for one in render(STACKS[name]):
        if "." not in one["apiVersion"].partition("/")[0] or one["apiVersion"].startswith("networking.k8s.io"):
            kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parity("stack.gateway-api")
@pytest.mark.parametrize("name", ["own gateway", "issued", "ingress"])
def test_every_other_object_is_valid_by_its_definition(render, name):
    known = definitions()
    if ("gateway.networking.k8s.io/v1", "HTTPRoute") not in known:
        pytest.skip(f"no definitions of the Gateway API in ${CRDS} or ../shared/crds")
    judged = 0
    for one in render(STACKS[name]):
        if (schema := known.get((one["apiVersion"], one["kind"]))) is not None:
            judged += 1
            assert list(_faults(schema, one)) == []
    assert judged


@pytest.mark.parametrize("name", STACKS)
def test_everything_fits_together(render, name):
    rendered = render(STACKS[name])
    external = declared_by(rendered.spec) | External(frozenset({("Secret", "mcp-test", "regcred")}))
    found = check_objects([KubeObject(one) for one in rendered], external)
    assert [str(finding) for finding in found] == []
