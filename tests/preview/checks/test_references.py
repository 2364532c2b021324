"""What pods read, mount and run as is there, or declared."""

import pytest

from mcp_stack.preview.checks.external import declared
from tests.preview.checks.sound import CONTAINER, GONE, POD, brief, expect, findings

CLOCK = "spec.template.spec.containers[clock]"
SECRET_VOLUME = {"name": "files", "secret": {"secretName": "files", "items": [{"key": "a", "path": "a"}]}}
PROJECTED = {"name": "files", "projected": {"sources": [{"secret": {"name": "tokens", "items": [{"key": "b", "path": "b"}]}}]}}
MOUNT = ("Deployment clock", (*CONTAINER, "volumeMounts"), [{"name": "files", "mountPath": "/files"}])


def volume(value):
    return ("Deployment clock", (*POD, "volumes"), [value])


@pytest.mark.parametrize(
    ("edits", "faults"),
    [
        (
            [("Secret tokens", (), GONE)],
            [
                (
                    "Deployment shop/clock",
                    f"{CLOCK}.env[TOKEN]",
                    "Secret shop/tokens is neither in the stack nor declared; create it",
                )
            ],
        ),
        (
            [("Secret tokens", ("stringData",), {"watch": "x", "sun": "y"})],
            [("Deployment shop/clock", f"{CLOCK}.env[TOKEN]", "Secret tokens has no key 'clock'; it has: sun, watch")],
        ),
        (
            [("Deployment clock", (*CONTAINER, "envFrom"), [{"configMapRef": {"name": "settings"}}])],
            [("Deployment shop/clock", f"{CLOCK}.envFrom[0]", "ConfigMap shop/settings is neither")],
        ),
        (
            [("Deployment clock", (*POD, "imagePullSecrets"), [{"name": "ghcr"}])],
            [("Deployment shop/clock", "spec.template.spec.imagePullSecrets[0]", "Secret shop/ghcr is neither")],
        ),
        (
            [volume(SECRET_VOLUME), MOUNT],
            [("Deployment shop/clock", "spec.template.spec.volumes[files].secret", "Secret shop/files is neither")],
        ),
        (
            [volume(PROJECTED), MOUNT],
            [
                (
                    "Deployment shop/clock",
                    "spec.template.spec.volumes[files].projected.sources[0].secret.items",
                    "no key 'b'; it has: clock",
                )
            ],
        ),
        (
            [volume({"name": "files", "persistentVolumeClaim": {"claimName": "data"}}), MOUNT],
            [("Deployment shop/clock", "spec.template.spec.volumes[files]", "PersistentVolumeClaim shop/data is neither")],
        ),
        (
            [("ServiceAccount clock", (), GONE)],
            [("Deployment shop/clock", "spec.template.spec.serviceAccountName", "ServiceAccount shop/clock is neither")],
        ),
        ([MOUNT], [("Deployment shop/clock", f"{CLOCK}.volumeMounts[/files]", "'files' is no volume of the pod")]),
        (
            [volume({"name": "files", "emptyDir": {}})],
            [("Deployment shop/clock", "spec.template.spec.volumes[files]", "is mounted nowhere")],
        ),
        (
            [volume({"name": "files", "emptyDir": {}}), (*MOUNT[:2], MOUNT[2] * 2)],
            [("Deployment shop/clock", f"{CLOCK}.volumeMounts[/files]", "is mounted twice")],
        ),
    ],
)
def test_something_that_is_not_there_is_found(edits, faults):
    expect("references", edits, faults)


def test_a_missing_map_of_the_proxy_is_found():
    found = findings(("ConfigMap gateway-config", (), GONE))
    assert brief(found) == [("references", "Deployment shop/gateway", "spec.template.spec.volumes[config].configMap")]


def test_a_missing_namespace_is_told_once():
    found = findings(("Namespace shop", (), GONE))
    assert brief(found) == [("references", "ServiceAccount shop/gateway", "metadata.namespace")]
    assert "namespace 'shop' is neither in the stack nor declared" in found[0].message


def test_an_object_without_a_namespace_is_found():
    found = findings(("ConfigMap gateway-config", ("metadata", "namespace"), GONE))
    assert ("references", "ConfigMap gateway-config", "metadata.namespace") in brief(found)


@pytest.mark.parametrize("entry", ["Secret/tokens", "Secret/shop/tokens"])
def test_what_is_declared_is_there_with_every_key(entry):
    assert findings(("Secret tokens", (), GONE), external=declared([entry])) == []


def test_what_is_declared_for_another_namespace_is_not_there():
    assert findings(("Secret tokens", (), GONE), external=declared(["Secret/other/tokens"])) != []


@pytest.mark.parametrize("entry", ["tokens", "Secret/", "Secret/a/b/c", "/x"])
def test_a_declaration_names_kind_and_name(entry):
    with pytest.raises(ValueError, match="names no object: write Kind/name"):
        declared([entry])


EXTERNAL = {
    "apiVersion": "external-secrets.io/v1",
    "kind": "ExternalSecret",
    "metadata": {"name": "tokens", "namespace": "shop"},
}


@pytest.mark.parametrize(
    ("spec", "missing"),
    [
        ({"data": [{"secretKey": "clock"}]}, []),
        ({"data": [{"secretKey": "other"}]}, ["Secret tokens has no key 'clock'; it has: other"]),
        ({"dataFrom": [{"extract": {"key": "all"}}]}, []),
        ({"data": [{"secretKey": "raw"}], "target": {"name": "tokens", "template": {"data": {"clock": "{{ .raw }}"}}}}, []),
    ],
)
def test_a_synced_secret_has_the_keys_that_its_external_secret_writes(spec, missing):
    found = findings(("Secret tokens", (), GONE), (None, (), {**EXTERNAL, "spec": spec}))
    assert [finding.message for finding in found] == missing


@pytest.mark.parametrize("where", ["secretKeyRef", "volume", "envFrom"])
def test_what_is_optional_may_be_missing(where):
    edits = {
        "secretKeyRef": [
            ("Deployment clock", (*CONTAINER, "env", 0, "valueFrom", "secretKeyRef"), {"name": "x", "key": "y", "optional": True})
        ],
        "volume": [volume({"name": "files", "secret": {"secretName": "x", "optional": True}}), MOUNT],
        "envFrom": [("Deployment clock", (*CONTAINER, "envFrom"), [{"secretRef": {"name": "x", "optional": True}}])],
    }
    assert findings(*edits[where]) == []


BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "reads", "namespace": "shop"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reads"},
    "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "shop"}],
}


def test_a_binding_of_what_does_not_exist_is_found():
    found = findings((None, (), BINDING))
    assert brief(found) == [
        ("references", "RoleBinding shop/reads", "subjects[0]"),
        ("references", "RoleBinding shop/reads", "roleRef"),
    ]
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reads", "namespace": "shop"},
        "rules": [],
    }
    account = {**BINDING, "subjects": [{"kind": "ServiceAccount", "name": "clock"}]}
    assert findings((None, (), account), (None, (), role)) == []
