import pytest

TOKEN = {"config": "web-token"}


@pytest.mark.parity("aggregate.secret-reference")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"secrets": {"token": TOKEN}, "servers.web.env": {"T": {"secret": "token"}}}, [], id="shared"),
        pytest.param(
            {"servers.web.secrets": {"token": TOKEN}, "servers.web.files": {"/run/s/t": {"secret": "token"}}}, [], id="own"
        ),
        pytest.param(
            {"secrets": {"token": TOKEN}, "servers.web.env": {"T": {"secret": "tokn"}, "U": {"secret": "token"}}},
            ["servers.web.env.T: no secret 'tokn' is declared; did you mean `token`?"],
            id="misspelt",
        ),
        pytest.param(
            {"servers.web.files": {"/run/s/t": {"secret": "token"}}},
            ["servers.web.files./run/s/t: no secret 'token' is declared; declare it under `secrets` or `servers.web.secrets`"],
            id="missing",
        ),
        pytest.param(
            {"secrets": {"token": TOKEN}},
            ["secrets.token: nothing refers to it; use it in `env` or `files` of a server, or remove it"],
            id="unused shared",
        ),
        pytest.param(
            {"servers.web.secrets": {"token": TOKEN}},
            ["servers.web.secrets.token: nothing refers to it; use it in `env` or `files`, or remove it"],
            id="unused own",
        ),
        pytest.param(
            {
                "secrets": {"token": TOKEN},
                "servers.web.secrets": {"token": TOKEN},
                "servers.web.env": {"T": {"secret": "token"}},
            },
            [
                "servers.web.secrets.token: the stack's `secrets` declare the same name; rename one of them",
                "secrets.token: nothing refers to it; use it in `env` or `files` of a server, or remove it",
            ],
            id="ambiguous",
        ),
        pytest.param(
            {"secrets": {"token": {"existing": "s"}}, "servers.web.env": {"T": {"secret": "token"}}},
            ["secrets.token: `existing` needs a `key`"],
            id="existing without key",
        ),
        pytest.param(
            {"secrets": {"token": {"config": "c", "key": "k"}}, "servers.web.env": {"T": {"secret": "token"}}},
            ["secrets.token: `key` does nothing beside `config`"],
            id="key without existing",
        ),
        pytest.param(
            {"secrets": {"token": {}}, "servers.web.env": {"T": {"secret": "token"}}},
            [
                "secrets.token: give either `config` (a key of the stack file), `existing` with `key` (somebody else's Secret), "
                "or `store` with `remote` (a store's value)"
            ],
            id="no source",
        ),
    ],
)
def test_references_and_declarations_match(problems, changes, expected):
    assert problems(changes) == expected


def test_a_secret_that_only_a_disabled_server_uses_may_stay(problems):
    off = {"enabled": False, "command": ["run"], "env": {"T": {"secret": "token"}}}
    assert problems({"secrets": {"token": TOKEN}, "servers.off": off}) == []


def test_a_secret_without_value_is_found_where_values_are_known(problems):
    changes = {"secrets": {"token": TOKEN}, "servers.web.env": {"T": {"secret": "token"}}}
    assert problems(changes, has_config=lambda key: key == "web-token") == []
    assert problems(changes, has_config=lambda key: False) == [
        "secrets.token.config: 'web-token' has no value; "
        "set it with `pulumi config set --secret web-token --stack staging`, or pass it in `secret_values`"
    ]


WAYS = "write a text, `{secret: name}`, `{config_map: {name: …, key: …}}` or `{field: metadata.name}`"


def test_a_number_in_env_is_refused_without_repeating_it(problems):
    assert problems({"servers.web.env": {"PIN": 4711}}) == ["servers.web.env.PIN: a number is no text; put it in quotes"]
    assert problems({"servers.web.env": {"PIN": True}}) == ["servers.web.env.PIN: a boolean is no text; put it in quotes"]
    assert problems({"servers.web.env": {"PIN": {"secrte": "x"}}}) == [f"servers.web.env.PIN: {WAYS}"]
    assert problems({"servers.web.env": {"PIN": ["x"]}}) == [f"servers.web.env.PIN: {WAYS}"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("files", {"/a/b": {}}, "servers.web.files./a/b: give either `content` or `secret`"),
        (
            "env_from",
            [{"prefix": "A_"}],
            "servers.web.env_from[0]: give either `secret`, `existing_secret` or `existing_config_map`",
        ),
        (
            "env_from",
            [{"existing_secret": "s", "existing_config_map": "m"}],
            "servers.web.env_from[0]: give either `secret`, `existing_secret` or `existing_config_map`",
        ),
    ],
)
def test_a_file_or_import_has_one_source(problems, key, value, message):
    assert problems({f"servers.web.{key}": value}) == [message]
