"""Stores, volumes and probes of the chart of services, as a stack says them."""

import json

import pytest

from mcp_stack.importing import import_documents, report, stack_document
from mcp_stack_proxy.config import Source

from .samples import SERVICES

pytestmark = pytest.mark.parity("stack.import-values")

READS = {"envFrom": [{"secretRef": {"name": "api-secret"}}]}
MADE = {"create": True, "store": {"secretsPath": "/api"}, "externalSecret": {"targetSecretName": "api-secret"}}
PROJECT = {"hostAPI": "https://infisical.example.com/api/", "projectSlug": "p", "credentials": {"secretName": "c"}}


def imported(data):
    found = import_documents([Source("file", data if isinstance(data, str) else json.dumps(data))], "staging")
    return found.stack, {note.path: note.message for note in found.notes}, found


def services(infisical=PROJECT, **services):
    entries = {name: {"enabled": True, "image": {"repository": name, "tag": "1"}, **one} for name, one in services.items()}
    return {"global": {"namespace": "mcp", "infisical": infisical}, "mcp": entries}


def test_stores_of_the_chart_are_asked_for_the_same_folders():
    stack, said, _ = imported(SERVICES)
    universal = {
        "client_id": {"existing": "infisical-credentials", "key": "id"},
        "client_secret": {"existing": "infisical-credentials", "key": "secret"},
    }
    where = {"api": "https://infisical.example.com/api", "project": "my-project"}
    own = {"environment": "qa", "path": "/api", "recursive": True, "expand_references": False}
    assert stack["secret_stores"] == {
        "infisical-api": {"infisical": {**where, **own, "auth": {"universal": universal}}, "refresh_seconds": 600},
        "infisical-reader": {"infisical": {**where, "path": "/reader", "auth": {"universal": universal}}, "refresh_seconds": 3600},
    }
    found = {name: one for name, one in stack["secrets"].items() if "store" in one}
    assert found == {
        "api-secret": {"store": "infisical-api", "data_from": [{"find": {}}], "refresh": {"interval": "2m"}},
        "reader-secret": {"store": "infisical-reader", "data_from": [{"find": {}}], "refresh": {"interval": "5m"}},
    }
    assert stack["servers"]["mongo"]["env"] == {"MONGO_PASSWORD": {"secret": "reader-secret/MONGO"}}
    assert "no server reads it" in said["mcp.unread.secret.externalSecret.targetSecretName"]


def test_processes_are_told_of_new_values_and_the_report_says_by_whom():
    stack, _, found = imported(services(api={"secret": MADE, "env": READS}))
    assert stack["defaults"]["restart"] == "reloader"
    assert "Stakater's Reloader has to run in the cluster" in report(found, "staging")
    stack, _, found = imported(services(api={"secret": MADE}))
    assert "defaults" not in stack
    assert "Reloader" not in report(found, "staging")


def test_equal_stores_are_one_and_two_writers_of_a_secret_are_not_taken_over():
    other = {**MADE, "externalSecret": {"targetSecretName": "other"}}
    reads = {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "other", "key": "K"}}}]}
    data = services(a={"secret": MADE, "env": READS}, b={"secret": other, "env": reads}, c={"secret": MADE})
    stack, said, found = imported(data)
    assert list(stack["secret_stores"]) == ["infisical-api"]
    assert set(stack["secrets"]) == {"api-secret", "other"}
    assert "mcp.c.secret.externalSecret.targetSecretName" not in said
    assert "&id" not in stack_document(found)
    data["mcp"]["c"]["secret"] = {**MADE, "store": {"secretsPath": "/c"}}
    stack, said, _ = imported(data)
    assert list(stack["secret_stores"]) == ["infisical-api"]
    assert "two would fight over it" in said["mcp.c.secret.externalSecret.targetSecretName"]


@pytest.mark.parametrize(
    ("credentials", "name", "place", "words"),
    [
        ({"authCredentials": {"name": "a"}}, "a", "authCredentials", "its stores had none"),
        ({"credentials": {"secretName": "b"}, "authCredentials": {"name": "a"}}, "b", "authCredentials.name", "chart read"),
        ({}, "infisical-credentials", "credentials.secretName", "is put in its place"),
        ({"credentials": {"secretName": "b", "namespace": "x"}}, "b", "credentials.namespace", "copy the Secret"),
    ],
)
def test_credentials_are_those_of_the_template_or_of_the_values(credentials, name, place, words):
    infisical = {"projectSlug": "p", **credentials}
    stack, said, _ = imported(services(infisical, api={"secret": MADE, "env": READS}))
    auth = stack["secret_stores"]["infisical-api"]["infisical"]["auth"]["universal"]
    assert auth == {"client_id": {"existing": name, "key": "clientId"}, "client_secret": {"existing": name, "key": "clientSecret"}}
    assert words in said[f"global.infisical.{place}"]


def test_a_secret_without_a_project_or_a_name_is_said_to_be_missing():
    stack, said, _ = imported(services({}, api={"secret": MADE, "env": READS}))
    assert stack["servers"]["api"]["env_from"] == [{"existing_secret": "api-secret"}]
    assert "for want of `global.infisical.projectSlug`" in said["mcp.api.secret"]
    stack, said, _ = imported(services(api={"secret": {"create": True, "store": {"secretsPath": "/api"}}}))
    assert "secret_stores" not in stack
    assert "targetSecretName" in said["mcp.api.secret"]
    assert "global.infisical" in said


def test_half_a_store_is_none():
    """Without its `api`, it would show Infisical's own cloud the credentials of another installation."""
    stack, said, _ = imported(services({**PROJECT, "hostAPI": "not an address"}, api={"secret": MADE, "env": READS}))
    assert not stack.get("secret_stores")
    assert not stack.get("secrets")
    assert {"secret_stores.infisical-api.infisical.api", "secrets.api-secret.store"} <= said.keys()


def test_a_claim_of_the_chart_is_one_of_the_server():
    stack, said, _ = imported(SERVICES)
    claim = {"path": "/data/db", "size": "50Gi", "storage_class": "premium-ssd", "access_mode": "ReadWriteOnce"}
    assert stack["servers"]["mongo"]["storage"] == {"claims": {"data": claim}}
    assert stack["defaults"]["storage_class"] == "standard"
    assert "copy its data first" in said["mcp.mongo.persistence.size"]


@pytest.mark.parametrize(
    ("persistence", "claim", "place"),
    [
        ({"size": "1Gi", "mountPath": "/d/"}, {"path": "/d", "size": "1Gi"}, "persistence.size"),
        ({"mountPath": "/d"}, None, "persistence"),
        (
            {"size": "1Gi", "mountPath": "/d", "accessModes": ["ReadWriteMany", "ReadOnlyMany"]},
            {"path": "/d", "size": "1Gi", "access_mode": "ReadWriteMany"},
            "persistence.accessModes",
        ),
        ({"size": "1Gi", "mountPath": "/d", "enabled": False}, None, "persistence.size"),
    ],
)
def test_what_a_claim_cannot_be_is_in_the_report(persistence, claim, place):
    stack, said, _ = imported(services(db={"persistence": {"enabled": True, **persistence}}))
    assert stack["servers"]["db"].get("storage") == (None if claim is None else {"claims": {"data": claim}})
    assert f"mcp.db.{place}" in said


def test_several_pods_do_not_share_the_claim_of_one():
    stack, said, _ = imported(services(db={"replicas": 3, "persistence": {"enabled": True, "size": "1Gi", "mountPath": "/d"}}))
    assert "replicas" not in stack["servers"]["db"]
    assert "each pod has volumes of its own" in said["servers.db.replicas"]


@pytest.mark.parametrize(("port", "found"), [(8000, {}), ("http", {}), (9000, {"port": 9000}), ("9000", {"port": 9000}), ("x", {})])
def test_a_probe_asks_where_it_asked(port, found):
    probes = {"liveness": {"enabled": True, "httpGet": {"path": "/up", "port": port}}}
    stack, said, _ = imported(services(api={"port": 8000, "probes": probes}))
    assert stack["servers"]["api"]["probes"]["liveness"]["http_get"] == {"path": "/up", **found}
    assert ("mcp.api.probes.liveness.httpGet.port" in said) == (port == "x")
