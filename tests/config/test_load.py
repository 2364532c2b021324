"""From file, variable or directory to a configuration, in both dialects, with every fault named."""

import json

import pytest

from mcp_stack_proxy.config import ConfigError, Source, find_source, load, parse

ONE = '{"servers": {"a": {"url": "http://a"}}}'


def problems(text, environment=None):
    with pytest.raises(ConfigError) as caught:
        load(Source("stack.yaml", text), environment or {})
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def files(tmp_path):
    """One configuration at each place that is looked at, told apart by its server's name."""
    home = tmp_path / "home"
    for path in (
        tmp_path / "given.yaml",
        tmp_path / "named.json",
        tmp_path / "dir" / "servers.json",
        home / ".config/mcp/servers.json",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ONE.replace('"a"', f'"{path.stem if path.parent == tmp_path else path.parent.name}"'))
    return tmp_path


@pytest.mark.parametrize(
    ("given", "variables", "server"),
    [
        ("given.yaml", ["inline", "path", "dir", "home"], "given"),
        (None, ["inline", "path", "dir", "home"], "inline"),
        (None, ["path", "dir", "home"], "named"),
        (None, ["dir", "home"], "dir"),
        (None, ["home"], "mcp"),
    ],
)
def test_the_first_of_argument_inline_path_directory_and_home_wins(files, given, variables, server):
    everything = {
        "inline": ("MCP_SERVERS_CONFIG", ONE.replace('"a"', '"inline"')),
        "path": ("MCP_CONFIG_PATH", str(files / "named.json")),
        "dir": ("MCP_CONFIG_DIR", str(files / "dir")),
        "home": ("HOME", str(files / "home")),
    }
    source = find_source(str(files / given) if given else None, dict(everything[name] for name in variables))
    assert list(load(source, {}).servers) == [server]


def test_the_source_of_an_inline_configuration_is_its_variable():
    assert find_source(None, {"MCP_SERVERS_CONFIG": ONE}).name == "$MCP_SERVERS_CONFIG"


@pytest.mark.parametrize("home", [{}, {"HOME": "/nonexistent"}])
def test_no_configuration_at_all_says_how_to_give_one(home):
    with pytest.raises(ConfigError, match="pass --config FILE, or set MCP_CONFIG_PATH or MCP_SERVERS_CONFIG"):
        find_source(None, home)


def test_an_absent_file_is_named_with_the_reason(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.yaml: 1 problem\n  cannot be read: No such file or directory"):
        find_source(str(tmp_path / "gone.yaml"), {})


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "image.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read: 'utf-8' codec"):
        find_source(str(path), {})


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "servers.json"
    path.write_bytes(b"\xef\xbb\xbf" + ONE.encode())
    assert list(load(find_source(str(path), {}), {}).servers) == ["a"]


def test_json_may_hold_comments_and_urls_keep_their_slashes():
    text = '// top\n{"servers": { /* two\nlines */ "a": {"url": "http://a//b/*c*/"}}} // end'
    assert load(Source("s", text), {}).servers["a"].url == "http://a//b/*c*/"


def test_json_may_have_a_comma_after_a_last_element_as_editors_write_it():
    text = '{"servers": {"a": {"command": "x", "args": ["a,]", "b" , ], // last\n}, }, }'
    assert load(Source("s", text), {}).servers["a"].args == ["a,]", "b"]


@pytest.mark.parametrize("text", ['{"servers": [,]}', '{"servers": [1,,]}', '{"servers": {,}}'])
def test_a_comma_after_nothing_is_none(text):
    (problem,) = problems(text)
    assert problem.startswith("cannot be parsed: ")


def test_lines_of_a_fault_are_counted_with_the_comments():
    assert problems('{\n/* 2\n3 */\n"servers": oops}') == ["cannot be parsed: Expecting value: line 4 column 12 (char 15)"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{,}", "cannot be parsed: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"servers": {}, "servers": {}}', "cannot be parsed: key 'servers' is written twice"),
        ("servers: {}\nservers: {}", "cannot be parsed: key 'servers' is written twice: line 2 column 1"),
        ("servers: {? [a] : b}", "cannot be parsed: found unhashable key: line 1 column 13"),
        ("a: &x [*x]", "cannot be parsed: nested deeper than 50 levels"),
        ("a: \x00", "cannot be parsed: unacceptable character #x0000: special characters are not allowed"),
        ("", "expected a mapping with `servers` or `mcpServers`"),
        ("- a", "expected a mapping with `servers` or `mcpServers`"),
        ('{"servers": {}, "mcpServers": {}}', "mcpServers: `servers` says the same; keep one of the two"),
        ('{"mcpServers": []}', "servers: a list: expected a mapping of keys"),
        ('{"mcpServers": {"a": 1}}', "servers.a: 1: expected a mapping of keys"),
    ],
)
def test_a_text_that_is_no_configuration_is_refused_in_one_line(text, problem):
    (found,) = problems(text)
    assert found.startswith(problem)


def test_a_few_lines_that_expand_beyond_any_memory_are_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert problems("\n".join(lines)) == ["cannot be parsed: more than 200000 values, aliases expanded"]


@pytest.mark.parametrize("text", ['{"a":' + "[" * 100_000, "[" * 20_000])
def test_nesting_that_no_parser_stands_is_refused(text):
    assert problems(text)[0].startswith("cannot be parsed: maximum recursion depth exceeded")


def test_the_message_of_a_fault_does_not_quote_the_line_with_the_secret():
    (found,) = problems("servers: {a: {headers: {Authorization: s3cr3t}, url: [}}")
    assert "s3cr3t" not in found
    assert found.endswith("line 1 column 55")


def test_yaml_merges_and_aliases_work():
    text = "x: &base {url: 'http://x'}\nservers: {a: {<<: *base, namespace: z}}"
    assert parse(Source("s", text))["servers"] == {"a": {"url": "http://x", "namespace": "z"}}


@pytest.mark.parametrize(
    ("entry", "server"),
    [
        ({"type": "stdio", "command": "npx", "args": ["x"]}, {"command": "npx", "args": ["x"]}),
        ({"type": "http", "url": "http://a"}, {"url": "http://a"}),
        ({"type": "streamable-http", "url": "http://a"}, {"url": "http://a"}),
        ({"type": "streamableHttp", "url": "http://a"}, {"url": "http://a"}),
        ({"url": "http://a"}, {"url": "http://a"}),
    ],
)
def test_an_entry_of_a_client_means_the_same_here(entry, server):
    text = json.dumps({"mcpServers": {"a": entry}, "name": "x"})
    assert parse(Source("servers.json", text)) == {"servers": {"a": server}, "name": "x"}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"type": "stdio", "url": "http://a"}, "mcpServers.a.type: 'stdio' needs `command` beside it"),
        ({"type": "sse", "url": "http://a"}, "mcpServers.a.type: 'sse' is not supported, use one of: http, stdio"),
        ({"type": ["http"], "url": "http://a"}, "mcpServers.a.type: \"['http']\" is not supported, use one of: http, stdio"),
    ],
)
def test_a_type_that_the_entry_does_not_keep_is_refused(entry, problem):
    (found,) = problems(json.dumps({"mcpServers": {"a": entry}}))
    assert found.startswith(problem)


def test_all_faults_come_at_once_each_with_its_path():
    text = """
servers:
  good: {url: "http://${HOST}"}
  B_: {comand: x}
  c: {url: ftp://c, headers: {X: 5}}
limits: {max_body_bytes: true}
x: 1
"""
    found = problems(text, {"HOST": "h"})
    assert [line.partition(":")[0] for line in found] == [
        "servers.B_",
        "servers.B_.comand",
        "servers.c.url",
        "servers.c.headers.X",
        "limits.max_body_bytes",
        "x",
    ]


def test_an_error_reads_as_source_count_and_one_line_a_problem():
    with pytest.raises(ConfigError) as caught:
        load(Source("stack.yaml", "servers: {}\nx: 1\n"), {})
    assert str(caught.value).splitlines() == [
        "stack.yaml: 2 problems",
        "  servers: a mapping: dictionary should have at least 1 item after validation, not 0",
        "  x: unknown key, known here: allowed_hosts, allowed_origins, audit, authentication, instructions, limits, listen, log, "
        "management, metrics, name, servers, sessions, trust_network, virtual_servers",
    ]


def test_an_override_replaces_a_key_and_is_checked_like_one():
    assert load(Source("s", ONE), {}, {"listen": "localhost:1"}).listen == "localhost:1"
    with pytest.raises(ConfigError, match="listen: '1' is no HOST:PORT"):
        load(Source("s", ONE), {}, {"listen": "1"})
