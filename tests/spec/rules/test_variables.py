import pytest

URL = "https://mcp.example.org/mcp"


@pytest.mark.parity("aggregate.placeholder-missing")
@pytest.mark.parametrize(
    ("server", "expected"),
    [
        pytest.param({"url": URL, "headers": {"A": "${T}"}, "env": {"T": "x"}}, [], id="filled"),
        pytest.param({"url": URL, "headers": {"A": "${T:-none}"}}, [], id="default"),
        pytest.param({"url": URL, "headers": {"A": "costs $$5"}}, [], id="escaped"),
        pytest.param(
            {"url": URL, "headers": {"A": "${T}"}},
            ["servers.far.headers.A: nothing fills `${T}`; declare `env: {T: {secret: …}}` or a text, or write `${T:-default}`"],
            id="header",
        ),
        pytest.param(
            {"url": "https://${HOST}/mcp"},
            ["servers.far.url: nothing fills `${HOST}`; declare `env: {HOST: {secret: …}}` or a text, or write `${HOST:-default}`"],
            id="url",
        ),
        pytest.param(
            {"command": ["run", "${A}"], "args": ["${B}"], "env": {"A": "x"}},
            ["servers.far.args[0]: nothing fills `${B}`; declare `env: {B: {secret: …}}` or a text, or write `${B:-default}`"],
            id="argument",
        ),
        pytest.param(
            {"url": URL, "headers": {"A": "${9}"}},
            [
                "servers.far.headers.A: `${9}` is not a placeholder; "
                "write `${NAME}`, `${NAME:-default}` (a default without braces) or `$$`"
            ],
            id="malformed",
        ),
        pytest.param(
            {"url": URL, "env": {"T": "x"}},
            ["servers.far.env.T: does nothing, neither `url` nor `headers` holds `${T}`"],
            id="variable that fills nothing",
        ),
        pytest.param(
            {"command": ["run"], "env": {"MCP_VARIABLES_DIR": "/x"}},
            ["servers.far.env.MCP_VARIABLES_DIR: is set by the stack for its proxy; use another name"],
            id="the proxy's own variable",
        ),
        pytest.param({"image": {"repository": "x", "tag": "1"}, "args": ["${X}", "$(X)"]}, [], id="not ours to replace"),
    ],
)
def test_every_placeholder_is_filled_and_every_variable_used(problems, server, expected):
    assert problems({"servers.far": server}) == expected


SHARED = {"secrets": {"one": {"config": "one"}, "two": {"existing": "s", "key": "k"}}}


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("same", "same", False),
        ("same", "other", True),
        ({"secret": "one"}, {"secret": "one"}, False),
        ({"secret": "one"}, {"secret": "two"}, True),
        ({"secret": "one"}, "one", True),
    ],
)
def test_servers_that_share_the_gateway_agree_on_a_variable(problems, first, second, clash):
    used = [value["secret"] for value in (first, second) if isinstance(value, dict)]
    servers = {
        name: {"url": URL, "headers": {"A": "${TOKEN}"}, "env": {"TOKEN": value}} for name, value in (("a", first), ("b", second))
    }
    secrets = {name: spec for name, spec in SHARED["secrets"].items() if name in used}
    found = problems({"secrets": secrets, **{f"servers.{name}": server for name, server in servers.items()}})
    message = "servers.b.env.TOKEN: server 'a' sets it otherwise, and both live in the gateway; rename one of them"
    assert found == ([message] if clash else [])


def test_secrets_of_their_own_clash_even_under_one_name(problems):
    far = {"url": URL, "headers": {"A": "${T}"}, "env": {"T": {"secret": "own"}}, "secrets": {"own": {"config": "own"}}}
    assert problems({"servers.a": far, "servers.b": far}) == [
        "servers.b.env.T: server 'a' sets it otherwise, and both live in the gateway; rename one of them"
    ]


def test_what_no_process_can_be_started_with_and_no_object_holds_is_refused(problems):
    too_long = "131072 bytes, and a process starts with at most 131071 in one; put them into `files`"
    assert problems({"servers.web.env": {"AB": "x" * 131_068}}) == []
    assert problems({"servers.web.env": {"AB": "x" * 131_069}}) == [f"servers.web.env.AB: {too_long}"]
    assert problems({"servers.web.args": ["a", "ü" * 65_536]}) == [f"servers.web.args[1]: {too_long}"]
    many = {f"V{index}": "x" * 100_000 for index in range(10)}
    assert problems({"servers.web.env": many}) == [
        "servers.web: `env`, `command` and `args` are 1000030 bytes, 1000000 are the most; use `files`"
    ]


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "HOSTNAME", "LD_PRELOAD", "KUBERNETES_SERVICE_HOST", "MCP_TIMEOUT", "MCP_LOG_LEVEL"]
)
def test_a_variable_never_becomes_one_of_the_proxys_process(problems, name):
    """`PATH` would keep the container from starting, `MCP_TIMEOUT` would stand over `limits`, `HOME` would be the pod's."""
    far = {"url": URL, "headers": {"A": f"${{{name}}}"}, "env": {name: "x"}}
    said = f"would be {{}} own `{name}`, and change how it runs; use another name"
    assert problems({"servers.far": far}) == [f"servers.far.env.{name}: {said.format('the gateway' + chr(39) + 's')}"]
    looked_up = {"command": ["run"], "env": {name: {"config_map": {"name": "a", "key": "b"}}}}
    assert problems({"servers.tool": looked_up}) == [f"servers.tool.env.{name}: {said.format('the proxy' + chr(39) + 's')}"]
    assert problems({"servers.tool": {"command": ["run"], "env": {name: "x"}}}) == [], "that is the program's alone"
    assert problems({"servers.web.env": {name: "x"}}) == [], "there is no proxy in that container"
