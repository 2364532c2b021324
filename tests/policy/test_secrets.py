"""Secrets in clear are found, and what only looks like one is left alone."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_policy import UNKNOWN, Sensitive
from mcp_stack_policy.secrets import entropy
from tests.policy.program import CONTAINER, DEPLOYMENT, WEB, broken

RANDOM = "Zk3vQ9xT7bLw2RmY8nHc4JdPfGs6uA1e"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlc2ln"


def in_variable(name, value, **config):
    edit = (DEPLOYMENT, (*WEB, "env", 0), {"name": name, "value": value})
    return broken("secret-literals", edit, config={"secret-literals": config}) == [
        ("Deployment shop/web", f"{CONTAINER}.env[{name}].value")
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEVEL", Sensitive("anything")),
        ("DB_PASSWORD", "hunter2"),
        ("GITHUB_TOKEN", "abcdef"),
        ("OPENAI_API_KEY", "abcdefgh"),
        ("OPENAI_APIKEY", "abcdefgh"),
        ("client-secret", "hunter22"),
        ("clientSecret", "hunter22"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
        ("ANY", "ghp_" + "a1B2" * 9),
        ("ANY", "glpat-" + "a1B2" * 6),
        ("ANY", "AKIA" + "ABCDEFGH12345678"),
        ("ANY", "AIza" + "a1B2c" * 7),
        ("ANY", "xoxb-1234567890-abc"),
        ("ANY", "sk-" + "a1B2" * 6),
        ("ANY", "msk_" + "a1B2" * 6),
        ("ANY", JWT),
        ("ANY", "-----BEGIN RSA PRIVATE KEY-----\nabc"),
        ("DATABASE_URL", "postgres://app:hunter2@db:5432/app"),
        ("ANY", RANDOM),
    ],
)
def test_a_secret_in_a_variable_is_found(name, value):
    assert in_variable(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEVEL", "debug"),
        ("GITHUB_TOKEN_FILE", "/run/secrets/github/token"),
        ("GITHUB_TOKEN", "/run/secrets/github/token"),
        ("GITHUB_TOKEN", "$(OTHER)"),
        ("GITHUB_TOKEN", "${OTHER}"),
        ("GITHUB_TOKEN", ""),
        ("GITHUB_TOKEN", UNKNOWN),
        ("SECRET_NAME", "mcp-credentials"),
        ("MAX_TOKENS", "4096000"),
        ("TOKEN", "true"),
        ("TOKEN", "1234567"),
        ("TOKEN", "short"),
        ("TOKEN_URL", "https://login.example.com/token"),
        ("DATABASE_URL", "postgres://db:5432/app"),
        ("DATABASE_URL", "postgres://app:$(DB_PASSWORD)@db:5432/app"),
        ("DATABASE_URL", "postgres://app:${DB_PASSWORD}@db:5432/app"),
        ("DIGEST", "sha256:1241936d4dd3aad68fe7bfbdfe854b935926bc678fc72377e15166078916227a"),
        ("COMMIT", "1241936d4dd3aad68fe7bfbdfe854b935926bc67"),
        ("ID", "3f2c8a54-9d1e-4b7a-8c60-5e4f3a2b1c0d"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"),
        ("MODULE", "com.example.SomeVeryLongClassNameForTests2"),
        ("GREETING", "a sentence with 3 Words And more than twenty letters"),
        ("CLUSTER", "arn-aws-eks-eu-central-1-production-cluster"),
    ],
)
def test_what_only_looks_like_one_is_left_alone(name, value):
    assert not in_variable(name, value)


def test_a_name_can_be_allowed_and_the_bounds_be_set():
    assert not in_variable("DB_PASSWORD", "hunter2", allowed_names=["DB_*"])
    assert not in_variable("DB_PASSWORD", "hunter2", min_length=8)
    assert in_variable("DB_PASSWORD", "pw", min_length=1)
    assert not in_variable("ANY", RANDOM, min_entropy=6)


@pytest.mark.parametrize(
    ("args", "count"),
    [
        (["--password=hunter2"], 1),
        (["--api-key", "hunter22"], 1),
        (["--password-file=/run/secrets/password"], 0),
        (["--password", "/run/secrets/password"], 0),
        (["--token", "$(TOKEN)"], 0),
        (["--level=debug", "--verbose", "serve"], 0),
        (["-h", "postgres://app:hunter2@db/app"], 1),
        ([Sensitive("hush")], 1),
        ([UNKNOWN, "--x"], 0),
    ],
)
def test_a_secret_on_a_command_line_is_found(args, count):
    edits = [(DEPLOYMENT, (*WEB, "command"), ["serve"]), (DEPLOYMENT, (*WEB, "args"), args)]
    assert broken("secret-literals", *edits) == [("Deployment shop/web", f"{CONTAINER}.args")] * count


@pytest.mark.parametrize(
    ("key", "value", "hit"),
    [
        ("config.yaml", "level: debug\npassword: ${PASSWORD}\n", False),
        ("config.yaml", f"token: {JWT}\n", True),
        ("config.yaml", Sensitive("level: debug"), True),
        ("DB_PASSWORD", "hunter2", True),
        ("notes", RANDOM, False),
    ],
)
def test_a_secret_in_a_config_map_is_found(key, value, hit):
    found = broken("secret-literals", ("ConfigMap proxy", ("data", key), value))
    assert found == ([("ConfigMap shop/proxy", f"data[{key}]")] if hit else [])


WORDS = ["server", "gateway", "production", "eu-central-1", "github", "mcp", "v2", "metrics", "Example", "Team7", "cache", "worker"]


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map("-".join))
def test_names_made_of_words_are_no_secrets(value):
    assert not in_variable("NAME", value)


def test_random_keys_are_found_nearly_always():
    draw = random.Random(7)
    keys = ["".join(draw.choices(string.ascii_letters + string.digits, k=40)) for _ in range(100)]
    assert sum(in_variable("NAME", key) for key in keys) >= 95
    assert entropy("aaaa") == 0
    assert entropy("ab") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MYSQL_PWD", "hunter2"),
        ("REDIS_PASS", "hunter2"),
        ("CONN", "Server=db;User Id=sa;Password=Pa55word!;"),
        ("CONN", "Password=Pa55word!;Server=db"),
        ("MODEL", "hf_" + "aB3" * 11),
        ("REGISTRY", "npm_" + "aB3" * 12),
        ("PAYMENT", "sk_" + "live_" + "a1B2" * 6),
    ],
)
def test_more_of_what_services_hand_out_is_found(name, value):
    assert in_variable(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PWD", "/srv/app"),
        ("BYPASS", "everything"),
        ("CONN", "Server=db;Password=${DB_PASSWORD}"),
        ("HINT", "password = six or more"),
    ],
)
def test_what_only_sounds_like_a_password_is_left_alone(name, value):
    assert not in_variable(name, value)


@pytest.mark.parametrize(
    ("line", "hit"),
    [
        ("  password: hunter2secret", True),
        ("export API_KEY=abcd1234efgh", True),
        ('  "clientSecret": "abcd1234efgh",', True),
        ("spring.datasource.password=hunter2secret", True),
        ("  password: ${DB_PASSWORD}", False),
        ("  password: {{ .Values.password }}", False),
        ("  passwordFile: /run/secrets/password", False),
        ("  secret: web-tls", False),
        ("  token: authorization", False),
        ("  password: <set at deployment>", False),
        ("# the password: ask somebody of the team", False),
        ("  password: short", False),
    ],
)
def test_a_secret_on_a_line_of_a_file_is_found(line, hit):
    text = f"first: 1\n{line}\nlast: 2\n"
    found = broken("secret-literals", ("ConfigMap proxy", ("data", "app.conf"), text))
    assert found == ([("ConfigMap shop/proxy", "data[app.conf]")] if hit else [])
