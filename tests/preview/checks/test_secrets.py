"""Stores, what asks them, and what they log in with."""

import pytest

from mcp_stack.preview.checks.external import declared
from tests.preview.checks.sound import GONE, brief, findings

API = "external-secrets.io/v1"
META = {"name": "kept", "namespace": "shop"}
TOKEN = {"name": "login", "key": "token"}


def store(kind="SecretStore", **reference):
    body = {"provider": {"infisical": {"auth": {"tokenAuthCredentials": {"accessToken": {**TOKEN, **reference}}}}}}
    meta = META if kind == "SecretStore" else {"name": "kept"}
    return (None, (), {"apiVersion": API, "kind": kind, "metadata": meta, "spec": body})


def asks(kind="SecretStore", name="kept", target="tokens", policies=None, **spec):
    made = {"name": target, **(policies or {})}
    body = {"secretStoreRef": {"kind": kind, "name": name}, "target": made, "data": [{"secretKey": "clock"}], **spec}
    meta = {"name": target, "namespace": "shop"}
    return (None, (), {"apiVersion": API, "kind": "ExternalSecret", "metadata": meta, "spec": body})


LOGIN = (None, (), {"apiVersion": "v1", "kind": "Secret", "metadata": {**META, "name": "login"}, "stringData": {"token": "x"}})
TOKENS = ("Secret tokens", (), GONE)
AUTH = "spec.provider.infisical.auth.tokenAuthCredentials.accessToken"


@pytest.mark.parametrize("kind", ["SecretStore", "ClusterSecretStore"])
def test_a_secret_from_a_store_that_can_log_in_is_sound(kind):
    space = {"namespace": "shop"} if kind == "ClusterSecretStore" else {}
    assert findings(TOKENS, LOGIN, store(kind, **space), asks(kind)) == []


@pytest.mark.parametrize(
    ("edits", "place", "message"),
    [
        ([LOGIN, asks()], "spec.secretStoreRef", "SecretStore shop/kept is neither in the stack nor declared"),
        ([LOGIN, asks("ClusterSecretStore")], "spec.secretStoreRef", "ClusterSecretStore kept is neither in the stack"),
        ([asks(), store()], AUTH, "Secret shop/login is neither in the stack nor declared"),
        ([LOGIN, asks(), store(key="tokn")], AUTH, "Secret login has no key 'tokn'; it has: token"),
        ([LOGIN, asks(), store(namespace="vault")], AUTH, "a SecretStore reads its own namespace alone, not 'vault'"),
        ([LOGIN, asks("ClusterSecretStore"), store("ClusterSecretStore")], AUTH, "names no namespace"),
        ([LOGIN, store(), asks(data=[], dataFrom=[{}])], "spec.dataFrom[0]", "needs exactly one of extract, find and a generator"),
        ([LOGIN, store(), asks(dataFrom=[{"find": {}, "extract": {}}])], "spec.dataFrom[0]", "extract and find given"),
        (
            [LOGIN, store(), asks(dataFrom=[{"find": {}, "sourceRef": {"generatorRef": {}}}])],
            "spec.dataFrom[0]",
            "find and sourceRef.generatorRef given",
        ),
        (
            [LOGIN, store(), asks(), asks(target="more", data=[])],
            "spec",
            "neither data nor dataFrom: nothing is read; name one of them",
        ),
        (
            [LOGIN, store(), asks(target="more"), asks(target="tokens"), asks(target="tokens")],
            "spec",
            "ExternalSecret shop/tokens writes Secret shop/tokens, too; give one of them another target",
        ),
    ],
)
def test_what_cannot_be_read_is_found(edits, place, message):
    found = [one for one in findings(TOKENS, *edits) if one.check == "secrets"]
    assert [one.path for one in found] == [place]
    assert message in found[0].message


@pytest.mark.parametrize(("deletion", "creation"), [("Delete", "Merge"), ("Delete", "CreateOrMerge"), ("Merge", "None")])
def test_pairs_of_policies_that_the_webhook_refuses_are_found(deletion, creation):
    policies = {"creationPolicy": creation, "deletionPolicy": deletion}
    found = findings(TOKENS, LOGIN, store(), asks(), asks(target="more", policies=policies))
    assert [one.path for one in found] == ["spec.target.deletionPolicy"]


def test_a_version_that_is_not_served_is_found():
    old = (None, (), {**store()[2], "apiVersion": "external-secrets.io/v1beta1"})
    assert brief(findings(TOKENS, LOGIN, old, asks())) == [("secrets", "SecretStore shop/kept", "apiVersion")]


def test_a_store_and_credentials_of_somebody_else_are_there_where_they_are_declared():
    known = declared(["ClusterSecretStore/company"])
    assert findings(TOKENS, asks("ClusterSecretStore", "company"), external=known) == []
    assert findings(TOKENS, asks(), store(), external=declared(["Secret/shop/login"])) == []


def test_accounts_and_certificates_of_a_store_need_no_key():
    provider = {"vault": {"auth": {"kubernetes": {"serviceAccountRef": {"name": "a"}}}}}
    assert findings(TOKENS, asks(), (None, (), {**store()[2], "spec": {"provider": provider}})) == []


OPERATOR = "secrets.infisical.com/v1beta1"


def operator(kind, **spec):
    return (None, (), {"apiVersion": OPERATOR, "kind": kind, "metadata": META, "spec": spec})


REFERENCE = {"name": "kept", "namespace": "shop"}
CONNECTION = operator("InfisicalConnection")
LOGS_IN = operator("InfisicalAuth", infisicalConnectionRef=REFERENCE)


def static(**template):
    target = {"name": "tokens", "namespace": "shop", "kind": "Secret", **({"template": {"data": template}} if template else {})}
    maps = {"name": "tokens", "namespace": "shop", "kind": "ConfigMap"}
    return operator("InfisicalStaticSecret", infisicalAuthRef=REFERENCE, targets=[target, maps])


@pytest.mark.parametrize("template", [{}, {"clock": "x"}])
def test_a_secret_of_infisicals_operator_is_sound(template):
    assert findings(TOKENS, CONNECTION, LOGS_IN, static(**template)) == []


@pytest.mark.parametrize(
    ("edits", "found"),
    [
        ([CONNECTION, static()], [("secrets", "InfisicalStaticSecret shop/kept", "spec.infisicalAuthRef")]),
        ([LOGS_IN, static()], [("secrets", "InfisicalAuth shop/kept", "spec.infisicalConnectionRef")]),
        (
            [CONNECTION, LOGS_IN, static(other="x")],
            [("references", "Deployment shop/clock", "spec.template.spec.containers[clock].env[TOKEN]")],
        ),
    ],
)
def test_what_infisicals_operator_cannot_do_is_found(edits, found):
    assert brief(findings(TOKENS, *edits)) == found


@pytest.mark.parametrize(
    ("target", "sound"),
    [
        ({"template": {"data": {"other": "x"}}}, False),
        ({"template": {"data": {"other": "x"}, "mergePolicy": "Merge"}}, True),
        ({"template": {"templateFrom": [{"literal": "x"}]}}, True),
        ({"template": {"templateFrom": [{"literal": "x", "target": "Labels"}]}}, True),
        ({"template": {"data": {"other": "x"}, "templateFrom": [{"literal": "x", "target": "Labels"}]}}, False),
        ({"creationPolicy": "Merge"}, True),
    ],
)
def test_the_keys_of_a_secret_follow_its_template(target, sound):
    found = findings(TOKENS, LOGIN, store(), asks(policies=target))
    assert (found == []) is sound


def test_a_certificate_writes_its_keys_and_no_other():
    spec = {"secretName": "tokens"}
    made = (None, (), {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": META, "spec": spec})
    (found,) = findings(TOKENS, made)
    assert found.message == "Secret tokens has no key 'clock'; it has: ca.crt, tls.crt, tls.key"


def test_every_field_of_a_provider_is_looked_through():
    provider = {"fake": {"data": [{"key": "a", "value": "b"}]}}
    assert findings(TOKENS, asks(), (None, (), {**store()[2], "spec": {"provider": provider}})) == []
