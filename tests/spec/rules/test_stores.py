"""What a store, or a webhook, would refuse later is refused at preview, all at once and with a remedy."""

import pytest

from tests.spec.stores import ACCOUNT, BODIES, EVERY, KEYS, C, store

UNIVERSAL = {"client_id": {"existing": "infisical-credentials", "key": "clientId"}, "client_secret": C}
WEB = {"servers.web.env": {"T": {"secret": "token"}}, "servers.web.restart": "reloader"}
ONE = {"token": {"store": "kept", "remote": {"key": "TOKEN"}}}


def infisical(**changes):
    return {"infisical": {**BODIES["infisical"], "auth": {"universal": UNIVERSAL}, **changes}}


def vault(auth):
    return {"vault": {**BODIES["vault"], "auth": auth}}


@pytest.mark.parametrize(("backend", "method"), EVERY)
def test_every_backend_and_every_way_to_log_in_is_accepted(problems, backend, method):
    data_from = [{"extract": {"key": "a"}}] if backend != "infisical_operator" else [{"find": {"path": "/a"}}]
    secrets = {**ONE, "set": {"store": "kept", "data_from": data_from}}
    changes = {"secret_stores": {"kept": store(backend, method)}, "secrets": secrets}
    assert problems({**changes, **WEB, "servers.web.files": {"/run/set": {"secret": "set/*"}}}) == []


@pytest.mark.parity("stack.secret-store-auth")
@pytest.mark.parametrize(
    ("auth", "message"),
    [
        ({}, "`gcp_iam`, `jwt`, `ldap`, `oci`, `kubernetes`, `aws`, `token`; none given"),
        ({"universal": UNIVERSAL, "token": {"access_token": C}}, "`aws`, `token`; `universal` and `token` given"),
    ],
)
def test_a_store_logs_in_by_exactly_one_method(problems, auth, message):
    (problem,) = problems({"secret_stores": {"kept": infisical(auth=auth)}})
    assert problem.startswith("secret_stores.kept.infisical.auth: give exactly one of")
    assert problem.endswith(message)


FOREIGN = {"existing": "credentials", "key": "id", "namespace": "external-secrets"}


@pytest.mark.parity("stack.secret-store-auth")
@pytest.mark.parametrize("place", ["credential", "account", "authority"])
def test_only_a_cluster_wide_store_names_namespaces_and_has_to(problems, place):
    def stores(namespace, cluster):
        space = {"namespace": namespace} if namespace else {}
        made = {
            "credential": infisical(auth={"token": {"access_token": {"existing": "a", "key": "b", **space}}}),
            "account": {"aws": {**BODIES["aws"], "auth": {"service_account": {"name": "a", **space}}}},
            "authority": infisical(ca={"existing_config_map": "a", "key": "b", **space}, auth={"token": {"access_token": C}}),
        }
        return {"secret_stores": {"kept": {**made[place], **({"cluster": True} if cluster else {})}}, "secrets": ONE, **WEB}

    assert problems(stores(None, False)) == problems(stores("vault", True)) == []
    (missing,) = problems(stores(None, True))
    assert missing.endswith(".namespace: required, the store is cluster-wide and lies in no namespace")
    (refused,) = problems(stores("vault", False))
    assert ".namespace: refused, a SecretStore reads its own namespace alone; keep the " in refused
    assert refused.endswith("in the stack's namespace and remove it, or set `cluster: true`")


@pytest.mark.parametrize(
    ("stores", "expected"),
    [
        ({"kept": {}}, "secret_stores.kept: give exactly one of `infisical`, `aws`,"),
        ({"kept": {**store("fake"), **store("vault")}}, "`vault` and `fake` given"),
        ({"kept": {**store("existing"), "cluster": True}}, "secret_stores.kept: `cluster` does nothing for `existing`; remove it"),
        (
            {"kept": {**store("infisical_operator"), "refresh_seconds": 9}},
            "secret_stores.kept: `refresh_seconds` does nothing for `infisical_operator`; remove it",
        ),
        ({"kept": {**store("fake"), "namespaces": ["a"]}}, "secret_stores.kept: `namespaces` does nothing without `cluster: true`"),
        ({"kept": infisical(auth={"token": {"access_token": {}}})}, "give exactly one of `config`, `existing`; none given"),
        ({"kept": infisical(auth={"token": {"access_token": {"existing": "a"}}})}, "`existing` needs a `key`"),
        ({"kept": infisical(auth={"token": {"access_token": {**C, "key": "a"}}})}, "`key` does nothing beside `config`"),
        ({"kept": infisical(ca={"bundle": "QUJD", "existing_secret": "a"})}, "`bundle` and `existing_secret` given"),
        ({"kept": infisical(ca={"existing_secret": "a"})}, "`existing_secret` needs a `key`"),
        ({"kept": infisical(ca={"bundle": "ca.pem"})}, "ca.bundle: is neither a certificate in PEM"),
        ({"kept": infisical(ca={"bundle": "QUJD", "key": "a"})}, "`key` does nothing beside `bundle`"),
        ({"kept": {"aws": {**BODIES["aws"], "external_id": "a"}}}, "`external_id` does nothing without `role`"),
        ({"kept": {"aws": {**BODIES["aws"], "transitive_tag_keys": ["a"]}}}, "names 'a', which is no key of `session_tags`"),
        ({"kept": {"gcp": {"auth": {"key": C}}}}, "`auth.key` needs a `project_id`"),
        ({"kept": {"kubernetes": {"remote_namespace": "a", "auth": {"token": C}}}}, "`server.ca` is needed"),
        (
            {"kept": {"kubernetes": {**store("kubernetes")["kubernetes"], "auth": {"kubeconfig": C}}}},
            "`server` does nothing beside `auth.kubeconfig`",
        ),
        (
            {"kept": vault({"jwt": {"token": C, "expiration_seconds": 900}})},
            "`expiration_seconds` does nothing beside `token`",
        ),
        (
            {"kept": vault({"kubernetes": {"role": "a", "token": C, "service_account": ACCOUNT}})},
            "`service_account` and `token` exclude each other",
        ),
        (
            {"kept": vault({"iam": {"vault_role": "a", "keys": KEYS, "service_account": ACCOUNT}})},
            "`keys` and `service_account` exclude each other",
        ),
        ({"kept": {"infisical_operator": {"auth": {"universal": UNIVERSAL}}}}, "one of `project`, `project_id`; none given"),
    ],
)
def test_a_store_that_cannot_work_is_refused(problems, stores, expected):
    found = problems({"secret_stores": stores})
    assert len(found) == 1
    assert expected in found[0]


def of(secret, backend="fake", **beside):
    return {"secret_stores": {"kept": store(backend)}, "secrets": {"token": {"store": "kept", **secret}}, **beside}


BY_KEY = {"servers.web.env": {"T": {"secret": "token/KEY"}}, "servers.web.restart": "reloader"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (of({"remote": {"key": "a"}, "data": {"B": {"key": "b"}}}), "secrets.token: give either `remote` (one value), or"),
        (of({"config": "a", "remote": {"key": "a"}}), "secrets.token: give either `config`"),
        ({"secrets": {"token": {"config": "a", "remote": {"key": "a"}}}}, "secrets.token: `remote` does nothing without `store`"),
        (of({"data_from": [{}]}), "secrets.token.data_from[0]: give exactly one of `extract`, `find`; none given"),
        (of({"data_from": [{"extract": {"key": "a"}, "find": {}}]}), "data_from[0]: give exactly one of `extract`, `find`;"),
        (of({"data_from": [{"find": {}, "rewrite": [{}]}]}), "rewrite[0]: give exactly one of `regexp`, `transform`, `merge`"),
        (of({"data_from": [{"find": {}, "rewrite": [{"merge": {"strategy": "JSON"}}]}]}), "`strategy: JSON` needs `into`"),
        (of({"data_from": [{"find": {}, "rewrite": [{"merge": {"into": "a"}}]}]}), "`into` does nothing without `strategy: JSON`"),
        (
            of({"remote": {"key": "a"}, "target": {"name": "a", "creation": "Merge", "deletion": "Delete"}}),
            "secrets.token.target: `deletion: Delete` is refused beside `creation: Merge`, which does not own the Secret; "
            "use `creation: Owner`, or `deletion: Merge`",
        ),
        (
            of({"remote": {"key": "a"}, "target": {"name": "a", "creation": "CreateOrMerge", "deletion": "Delete"}}),
            "`deletion: Delete` is refused beside `creation: CreateOrMerge`",
        ),
        (of({"remote": {"key": "a"}, "target": {"creation": "Merge"}}), "completes a Secret of somebody else: give its `name`"),
        (of({"remote": {"key": "a"}, "refresh": {"policy": "OnChange", "interval": "1h"}}), "`interval` does nothing with"),
        (of({"remote": {"key": "a"}, "target": {"template": {"data": {"B": "b"}}}}), "leaves out the key `value`"),
        (
            of({"remote": {"key": "a"}, "target": {"template": {"type": "bootstrap.kubernetes.io/token"}}}),
            "is refused by External Secrets: it would let the holder join nodes",
        ),
        (
            of(
                {
                    "remote": {"key": "a"},
                    "target": {
                        "template": {
                            "type": "kubernetes.io/service-account-token",
                            "annotations": {"kubernetes.io/service-account.name": "a"},
                        }
                    },
                }
            ),
            "is refused by External Secrets: it would make a token",
        ),
        (
            of({"remote": {"key": "a"}, "target": {"template": {"sources": [{"literal": "a", "keys": ["b"]}]}}}),
            "`keys` and `keys_and_values` do nothing beside `literal`",
        ),
        (
            of({"remote": {"key": "a"}, "target": {"template": {"sources": [{"existing_secret": "a"}]}}}),
            "name in `keys` which of its keys are templates",
        ),
    ],
)
def test_what_a_webhook_would_refuse_is_refused_at_preview(problems, changes, expected):
    found = problems(changes)
    assert len(found) == 1, "nothing is said of what follows from it"
    assert expected in found[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"secret_stores": {"kept": store("fake")}, "secrets": {"token": {"store": "keptt", "remote": {"key": "a"}}}, **WEB},
            [
                "secrets.token.store: no store 'keptt' is declared; did you mean `kept`?",
                "secret_stores.kept: no secret names it as its `store`; use it, or remove it",
            ],
        ),
        (
            {"secrets": {"token": {"store": "kept", "remote": {"key": "a"}}}, **WEB},
            ["secrets.token.store: no store 'kept' is declared; declare it under `secret_stores`"],
        ),
        (
            of({"data_from": [{"find": {"tags": {"a": "b"}}}]}, "infisical", **BY_KEY),
            [
                "secrets.token.data_from[0].find.tags: Infisical by External Secrets finds by name and path alone; "
                "use `name`, or `path`"
            ],
        ),
        (
            of({"data_from": [{"find": {}}]}, "aws", **BY_KEY),
            ["secrets.token.data_from[0].find: `aws` lists nothing without a `name` or `tags`; `name: .` fits every key"],
        ),
        (of({"data": {"KEY": {"key": "a"}}}, **WEB), ["servers.web.env.T: 'token' is a set; name one of its keys: `token/KEY`"]),
        (
            of({"data": {"A": {"key": "a"}, "B": {"key": "a"}}}, **BY_KEY),
            ["servers.web.env.T: 'token' has no key 'KEY'; it has: A, B"],
        ),
        (
            of({"remote": {"key": "a"}}, **BY_KEY),
            ["servers.web.env.T: 'token' is a single value; write 'token' without a key"],
        ),
        (
            of({"data": {"A": {"key": "a"}}}, **{**BY_KEY, "servers.web.env": {"T": {"secret": "token/*"}}}),
            ["servers.web.env.T: 'token/*' is a whole set, and this takes one value; name a key: `token/KEY`"],
        ),
        (
            of(
                {"data": {"A": {"key": "a"}}},
                **{"servers.web.files": {"/run/a/b": {"secret": "token"}}, "servers.web.restart": "rereads"},
            ),
            [
                "servers.web.files./run/a/b: 'token' is a set; name one of its keys: `token/KEY`, "
                "or `token/*` for a directory with all of them"
            ],
        ),
        (
            of({"remote": {"key": "a"}}, **{"servers.web.env_from": [{"secret": "token"}], "servers.web.restart": "reloader"}),
            ["servers.web.env_from[0].secret: 'token' is a single value; use it in `env`"],
        ),
        (
            of({"data": {"A": {"key": "a"}}}, **{"servers.web.env_from": [{"secret": "tokn"}]}),
            [
                "servers.web.env_from[0]: no secret 'tokn' is declared; did you mean `token`?",
                "secrets.token: nothing refers to it; use it in `env` or `files` of a server, or remove it",
            ],
        ),
    ],
)
def test_secrets_stores_and_readers_fit(problems, changes, expected):
    assert problems(changes) == expected


def test_two_declarations_do_not_fight_over_one_secret(problems):
    def both(creation):
        one = {"store": "kept", "remote": {"key": "a"}, "target": {"name": "shared-one", "creation": creation}}
        template = {"template": {"data": {"b": "{{ .value }}"}}}
        two = {"store": "kept", "data": {"b": {"key": "b"}}, "target": {**one["target"], **template}}
        reads = {"servers.web.env": {"A": {"secret": "one"}, "B": {"secret": "two/b"}}, "servers.web.restart": "reloader"}
        return {"secret_stores": {"kept": store("fake")}, "secrets": {"one": one}, "servers.web.secrets": {"two": two}, **reads}

    assert problems(both("Merge")) == []
    assert problems(both("Owner")) == [
        "servers.web.secrets.two.target.name: secrets.one writes the Secret 'shared-one', too; give them different names, "
        "or make one set of both"
    ]


def test_a_store_that_only_a_disabled_server_uses_may_stay(problems):
    off = {"enabled": False, "command": ["run"], "env": {"T": {"secret": "own"}}}
    off["secrets"] = {"own": {"store": "kept", "remote": {"key": "a"}}}
    assert problems({"secret_stores": {"kept": store("fake")}, "servers.off": off}) == []


OURS = "the operator knows no such thing; remove it, or read Infisical by External Secrets (`infisical`)"


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ({"data": {"KEY": {"key": "a", "version": "1"}}}, ["secrets.token.data.KEY.version"]),
        ({"data": {"KEY": {"key": "a", "property": "a", "decoding": "Auto"}}}, ["data.KEY.property", "data.KEY.decoding"]),
        ({"data_from": [{"extract": {"key": "a"}}]}, ["data_from[0].extract"]),
        ({"data_from": [{"find": {"name": "a"}, "rewrite": [{"transform": {"template": "a"}}]}]}, ["[0].find.name", "[0].rewrite"]),
        ({"data": {"KEY": {"key": "a"}}, "refresh": {"policy": "OnChange"}}, ["refresh.policy"]),
        ({"data": {"KEY": {"key": "a"}}, "target": {"template": {"merge_policy": "Merge"}}}, ["template.merge_policy"]),
    ],
)
def test_what_infisicals_operator_does_not_know_is_refused(problems, secret, expected):
    found = problems(of(secret, "infisical_operator", **BY_KEY))
    assert [problem.partition(": ")[0].endswith(place) for problem, place in zip(found, expected, strict=True)] == [True] * len(
        found
    )
    assert all(problem.endswith(OURS) for problem in found)


def test_infisicals_operator_owns_what_it_writes_and_makes_all_of_it(problems):
    target = {"creation": "Merge", "name": "a", "deletion": "Merge"}
    assert [
        one.partition(": ")[0] for one in problems(of({"remote": {"key": "a"}, "target": target}, "infisical_operator", **WEB))
    ] == [
        "secrets.token.target.creation",
        "secrets.token.target.deletion",
    ]
    (problem,) = problems(of({"data": {"KEY": {"key": "a"}}, "data_from": [{"find": {}}]}, "infisical_operator", **BY_KEY))
    assert problem.startswith("secrets.token.data_from: the operator takes either named keys or all of a folder; name every key")


def test_credentials_of_a_store_that_have_no_value_are_named(problems):
    changes = of({"remote": {"key": "a"}}, "infisical", **WEB)
    assert problems(changes, has_config=lambda key: key == "credential") == []
    found = problems(changes, has_config=lambda key: False)
    assert [one.partition(": ")[0] for one in found] == [
        "secret_stores.kept.infisical.auth.universal.client_id.config",
        "secret_stores.kept.infisical.auth.universal.client_secret.config",
    ]
    assert "pulumi config set --secret credential --stack staging" in found[0]


def test_all_problems_come_at_once(problems):
    stores = {"kept": {"infisical": {"project": "", "auth": {}}}, "other": {"vault": {"server": "vault", "auth": {"token": {}}}}}
    secrets = {"a": {"store": "kept", "remote": {}}, "b": {"config": "x", "refresh": {}}}
    assert len(problems({"secret_stores": stores, "secrets": secrets, "servers.web.prot": 1})) == 7


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/run/a": {"secret": "token/*"}, "/run/a/more": {"content": "x"}, "/run/b/c": {"secret": "token/A"}}, []),
        (
            {"/etc": {"secret": "token/*"}},
            [
                "servers.web.files./etc: a secret's directory is mounted whole and would hide '/etc'; "
                "choose one of its own, such as /run/secrets"
            ],
        ),
        (
            {"/run/a": {"secret": "token/*"}, "/run/a/b/c": {"content": "x"}},
            [
                "servers.web.files./run/a/b/c: lies below a directory of secrets, which is mounted whole and read-only; "
                "choose another directory"
            ],
        ),
    ],
)
def test_a_directory_of_secrets_stands_by_itself(problems, files, expected):
    beside = {"servers.web.files": files, "servers.web.restart": "rereads"}
    assert problems(of({"data_from": [{"find": {}}]}, **beside)) == expected


def container(**reads):
    return {"name": "one", "image": {"repository": "one", "tag": "1.0.0"}, **reads}


@pytest.mark.parametrize("place", ["gateway", "servers.web"])
@pytest.mark.parametrize(
    ("reads", "expected"),
    [
        ({"env": {"A": {"secret": "token/A"}}, "files": {"/run/a": {"secret": "token/*"}}, "env_from": [{"secret": "token"}]}, []),
        ({"env": {"A": {"secret": "token/B"}}}, ["env.A: 'token' has no key 'B'; it has: A"]),
        ({"files": {"/run/s/a": {"secret": "token"}}}, ["files./run/s/a: 'token' is a set; name one of its keys: `token/KEY`"]),
        ({"env_from": [{"secret": "single"}]}, ["env_from[0].secret: 'single' is a single value; use it in `env`"]),
    ],
)
def test_containers_beside_a_workload_read_what_is_there(problems, place, reads, expected):
    secrets = {"token": {"store": "kept", "data": {"A": {"key": "a"}}}, "single": {"store": "kept", "remote": {"key": "a"}}}
    used = {"servers.web.files": {"/run/t": {"secret": "token/*"}, "/run/u/s": {"secret": "single"}}}
    changes = {"secret_stores": {"kept": store("fake")}, "secrets": secrets, **used, "servers.web.restart": "reloader"}
    found = problems({**changes, f"{place}.restart": "reloader", f"{place}.init_containers": [container(**reads)]})
    assert len(found) == len(expected)
    starts = [f"{place}.init_containers[0].{one}" for one in expected]
    assert all(problem.startswith(start) for problem, start in zip(found, starts, strict=True))


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("set/A", []),
        ("set/B", ["'set' has no key 'B'; it has: A"]),
        ("set", ["'set' is a set; name one of its keys: `set/KEY`"]),
        ("set/*", ["'set/*' is a whole set, and this takes one value; name a key: `set/KEY`"]),
        ("sett/A", ["no secret 'sett' is declared; did you mean `set`?"]),
    ],
)
def test_what_keda_shows_is_one_value(problems, reference, expected):
    """Said once, however many workloads KEDA scales."""
    authentication = {"bearer_token": {"secret": reference}}
    changes = {
        "monitoring": {"labels": {}, "prometheus": {"address": "http://prometheus.example", "authentication": authentication}},
        "servers.web.autoscaling": {"calls": 8, "keda": {}},
        "servers.two": {"image": {"repository": "two", "tag": "1.0.0"}, "autoscaling": {"calls": 8, "keda": {}}},
        "secret_stores": {"kept": store("fake")},
        "secrets": {"set": {"store": "kept", "data": {"A": {"key": "a"}}}},
    }
    place = "monitoring.prometheus.authentication.bearer_token.secret"
    kept = [one for one in problems(changes) if one.startswith(place)]
    assert kept == [f"{place}: {one}" for one in expected]
    assert (problems(changes) == []) is (expected == [])
