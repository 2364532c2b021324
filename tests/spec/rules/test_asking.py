"""What is asked of a store, and written into one, that it cannot do."""

import pytest

from tests.spec.stores import store

READ = {"servers.web.files": {"/run/one": {"secret": "one/*"}}, "servers.web.restart": "reloader"}
ECR = {"secret_stores.ecr": {"ecr": {"region": "eu-central-1"}}}
DRAWN = {"secret_stores.drawn": {"password": {}}}
HOURLY = {"interval": "1h"}
PUSH = {"store": "kept", "key": "a"}
TOKEN = {"servers.web.env": {"T": {"secret": "token"}}}


def tokens(**changes):
    return {**ECR, "secrets.one": {"store": "ecr", "refresh": HOURLY, **changes}, **READ}


def copied(backend, **changes):
    secret = {"config": "token", "push": {**PUSH, **changes}}
    return {"secret_stores.kept": store(backend), "secrets.token": secret, **TOKEN}


@pytest.mark.parity("stack.secret-store")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(tokens(), [], id="tokens"),
        pytest.param(
            tokens(remote={"key": "a"}) | {"servers.web.files": {"/run/one": {"secret": "one"}}},
            ["secrets.one.remote: does nothing, `ecr` keeps nothing that could be asked for; remove it"],
            id="one value of a generator",
        ),
        pytest.param(
            tokens(data={"A": {"key": "a"}}),
            ["secrets.one.data: does nothing, `ecr` keeps nothing that could be asked for; remove it"],
            id="values of a generator",
        ),
        pytest.param(
            tokens(refresh={}),
            [
                "secrets.one.refresh.interval: required, each read makes other values, which is not what a default should decide; "
                "give an `interval`, such as 30m"
            ],
            id="tokens without an interval",
        ),
        pytest.param(
            tokens(refresh={"policy": "CreatedOnce"}) | {"servers.web.restart": None},
            ["secrets.one.refresh.policy: 'CreatedOnce', and tokens end after hours; give an `interval`"],
            id="a token for ever",
        ),
        pytest.param(
            {**DRAWN, "secrets.one": {"store": "drawn"}, **READ},
            [
                "secrets.one.refresh.interval: required, each read makes other values, which is not what a default should decide; "
                "give `refresh: {policy: CreatedOnce}`, or an `interval`"
            ],
            id="a password a minute",
        ),
        pytest.param(
            tokens() | {"servers.web.files": {"/run/one/x": {"secret": "one/user"}}},
            ["servers.web.files./run/one/x: 'one' has no key 'user'; it has: expires_at, password, proxy_endpoint, username"],
            id="no such value",
        ),
        pytest.param(
            {"secret_stores.kept": store("fake"), "secrets.one": {"store": "kept"}, **READ},
            ["secrets.one: give either `remote` (one value), or `data` or `data_from` (a set)"],
            id="nothing is asked",
        ),
        pytest.param(
            {**DRAWN, "secrets.one": {"store": "drawn", "refresh": HOURLY, "target": {"registry": "a.example"}}, **READ},
            [
                "secrets.one.target.registry: made of the values `username` and `password`, and 'username' is not among them; they "
                "are: password"
            ],
            id="a login without a name",
        ),
        pytest.param(
            tokens(target={"registry": "a.example"}) | {"servers.web.files": {}, "servers.web.restart": None},
            ["secrets.one: nothing refers to it; use it in `env` or `files` of a server, or remove it"],
            id="a login that nobody uses",
        ),
        pytest.param(copied("aws"), [], id="copied"),
        pytest.param(copied("vault", property="value"), [], id="copied into a member"),
        pytest.param(
            copied("vault"),
            ["secrets.token.push.property: required, a key of `vault` holds members and no value; name one, such as `value`"],
            id="a path of Vault",
        ),
        pytest.param(
            copied("kubernetes"),
            ["secrets.token.push.property: required, a key of `kubernetes` holds members and no value; name one, such as `value`"],
            id="a Secret elsewhere",
        ),
        pytest.param(
            copied("password"),
            ["secrets.token.push.store: 'kept' keeps nothing, it makes values of its own; name another"],
            id="into a generator",
        ),
        pytest.param(
            copied("infisical_operator"),
            [
                "secrets.token.push.store: the operator knows no such thing; remove it, or read Infisical by External Secrets "
                "(`infisical`)"
            ],
            id="by Infisical's operator",
        ),
        pytest.param(
            {
                "secrets.token": {"config": "token", "push": {"store": "kep", "key": "a"}},
                "secret_stores.kept": store("aws"),
                **TOKEN,
            },
            [
                "secrets.token.push.store: no store 'kep' is declared; did you mean `kept`?",
                "secret_stores.kept: no secret names it as its `store`; use it, or remove it",
            ],
            id="into no store",
        ),
        pytest.param(
            {
                "secret_stores.kept": store("aws"),
                "secrets.token": {"store": "kept", "remote": {"key": "a"}, "push": PUSH},
                "servers.web.restart": "reloader",
                **TOKEN,
            },
            ["secrets.token.push.store: 'kept' is where the value comes from; name another, or remove `push`"],
            id="back where it comes from",
        ),
        pytest.param(
            tokens(push={**PUSH, "of": "user"}) | {"secret_stores.kept": store("aws")},
            ["secrets.one.push.of: no key 'user' is in the set; it has: expires_at, password, proxy_endpoint, username"],
            id="of no such key",
        ),
        pytest.param(
            tokens(push=PUSH) | {"secret_stores.kept": store("aws")},
            ["secrets.one: name in `push.of` which value of the set it is"],
            id="of a whole set",
        ),
        pytest.param(copied("aws", of="value"), ["secrets.token: `push.of` does nothing for a single value"], id="of one value"),
        pytest.param(
            {
                "secret_stores.kept": store("infisical_operator"),
                "secrets.one": {
                    "store": "kept",
                    "data": {"A": {"key": "a"}},
                    "target": {"registry": "a.example"},
                    "refresh": {"sync_windows": {"kind": "allow", "windows": [{"schedule": "@daily", "duration": "1h"}]}},
                },
                **READ,
            },
            [
                *(
                    f"secrets.one.{key}: the operator knows no such thing; remove it, or read Infisical by External Secrets "
                    "(`infisical`)"
                    for key in ("refresh.sync_windows", "target.registry")
                ),
                "secrets.one.target.registry: made of the values `username` and `password`, and 'username' is not among them; they "
                "are: A",
            ],
            id="what Infisical's operator does not know",
        ),
    ],
)
def test_what_a_store_cannot_do_is_refused(problems, changes, expected):
    assert problems(changes) == expected


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("secret_stores.a.password", {"length": 8, "digits": 5, "symbols": 4}, "are more than `length` (8)"),
        (
            "secret_stores.a.password",
            {"symbols": 0, "symbol_characters": "-"},
            "`symbol_characters` does nothing beside `symbols: 0`",
        ),
        (
            "secret_stores.a.gcr",
            {"project_id": "a", "auth": {"workload_identity": {"service_account": {"name": "a"}}}},
            "needs `cluster_name` and `cluster_location`",
        ),
        (
            "secret_stores.a.acr",
            {"registry": "a.io", "auth": {"service_principal": {"client_id": {"config": "a"}, "client_secret": {"config": "a"}}}},
            "`auth.service_principal` needs a `tenant_id`",
        ),
        ("secrets.a.target", {"registry": "a.io", "template": {}}, "`template` contradicts `registry`"),
        ("secrets.a.target", {"registry": "a.io", "creation": "Merge", "name": "x"}, "which `creation: Merge` cannot complete"),
        ("secrets.a.refresh", {"policy": "OnChange", "sync_windows": {"kind": "deny", "windows": []}}, "sync_windows"),
        (
            "secrets.a.refresh",
            {"policy": "OnChange", "sync_windows": {"kind": "deny", "windows": [{"schedule": "@daily", "duration": "1h"}]}},
            "`sync_windows` does nothing with `policy: OnChange`",
        ),
        ("secrets.a", {"store": "a", "remote": {"key": "a"}, "target": {"registry": "a.io"}}, "`target.registry` needs a set"),
    ],
)
def test_what_contradicts_itself_is_refused(problems, place, value, message):
    assert message in "\n".join(problems({place: value}))


@pytest.mark.parametrize("text", ["@daily", "@every 1.5h", "0 22 * * 1-5", "*/15 0,12 1-31/2 jan-MAR ?", "0 0 1 1 sun"])
def test_a_schedule_is_taken_as_the_controller_reads_it(problems, text):
    windows = {"kind": "allow", "windows": [{"schedule": text, "duration": "1h"}]}
    assert not any("schedule" in line for line in problems({"secrets.a.refresh": {"sync_windows": windows}}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("daily", "is no schedule: give five fields"),
        ("@every x", "is no schedule: give five fields"),
        ("60 * * * *", "'60' is no minute: give numbers from 0 to 59"),
        ("0 5-3 * * *", "'5-3' is no hour"),
        ("0 1-2-3 * * *", "'1-2-3' is no hour"),
        ("0 0 0 * *", "'0' is no day of month"),
        ("0 0 * may-x *", "'may-x' is no month"),
        ("0 0 * * 7", "'7' is no day of week"),
        ("*/0 * * * *", "'*/0' is no minute"),
    ],
)
def test_a_schedule_that_the_controller_would_pass_over_is_refused(problems, text, message):
    windows = {"kind": "allow", "windows": [{"schedule": text, "duration": "1h"}]}
    (found,) = [line for line in problems({"secrets.a.refresh": {"sync_windows": windows}}) if "schedule" in line]
    assert message in found
