"""Every key of the proxy's configuration: what it accepts, and the exact sentence where it does not."""

import pytest
from pydantic import ValidationError

from mcp_stack_proxy.config import ConfigError, Limits, ProxyConfig, ServerConfig, Validation, namespace_of, split_address, validate


def refused(**keys):
    with pytest.raises(ConfigError) as caught:
        validate(ProxyConfig, {"servers": {"a": {"url": "http://a"}}, **keys}, "stack.yaml")
    return [str(problem) for problem in caught.value.problems]


def refused_server(**keys):
    return refused(servers={"a": keys})


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, "give either `url` (a server that speaks HTTP) or `command` (one to run here)"),
        ({"url": "http://a", "command": "x"}, "give either `url` (a server that speaks HTTP) or `command` (one to run here)"),
        ({"url": "http://a", "args": ["x"]}, "`args` does nothing beside `url`"),
        ({"url": "http://a", "env": {"A": "x"}}, "`env` does nothing beside `url`"),
        ({"url": "http://a", "cwd": "/"}, "`cwd` does nothing beside `url`"),
        ({"command": "x", "headers": {"A": "x"}}, "`headers` does nothing beside `command`"),
    ],
)
def test_a_server_is_of_one_kind_and_has_no_idle_key(keys, problem):
    assert refused_server(**keys) == [f"servers.a: {problem}"]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("clock:8000", "'clock:8000' is no http:// or https:// URL"),
        ("http://", "'http://' is no http:// or https:// URL"),
        ("ftp://a", "'ftp://a' is no http:// or https:// URL"),
        ("http://[::1", "Invalid IPv6 URL"),
        ("http://user:s3cr3t@a", "credentials belong into `headers`, not into the URL"),
        ("ftp://:s3cr3t@a", "credentials belong into `headers`, not into the URL"),
        ("http://a/#b", "a fragment (`#...`) means nothing to a server"),
        ("http://a\n", "a URL holds no white space and no control characters"),
        ("http://a b", "a URL holds no white space and no control characters"),
        ("http://a:0", "'http://a:0' has port 0, which no server listens on"),
        ("http://a:99999", "the port of 'a:99999' is no number from 1 to 65535"),
        ("http://a:b", "the port of 'a:b' is no number from 1 to 65535"),
        ("http://a{b}/mcp", "'a{b}' is no host name: letters, digits, dashes and dots"),
        ("http://a..b/mcp", "'a..b' is no host name: letters, digits, dashes and dots"),
        ("https://*.a/mcp", "'*.a' is no host name: letters, digits, dashes and dots"),
        (f"http://{'a' * 64}.b", f"'{'a' * 64}.b' is no host name: letters, digits, dashes and dots"),
        (
            "https://faß.example/mcp",
            "'faß.example' is no host name that all resolvers take for the same: "
            "write it in punycode, as it goes over the wire: `xn--…`",
        ),
    ],
)
def test_a_url_that_no_request_can_be_sent_to_is_refused(url, problem):
    assert refused_server(url=url) == [f"servers.a.url: {problem}"]


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "https://a.b:8443/mcp?x=y",
        "http://[::1]:8000/mcp",
        "http://a_b.c./",
        "https://bücher.example",
        "http://${HOST}/mcp",
        "${URL}",
    ],
)
def test_a_url_is_kept_as_it_is_and_one_with_a_placeholder_is_left_to_the_start(url):
    assert ServerConfig(url=url).url == url


UNSENDABLE = "its value holds a line break or another character that no header may hold"


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"A b": "x"}, ".A b: 'A b' is no header name"),
        ({"": "x"}, ".: '' is no header name"),
        ({"Content-Length": "5"}, ".Content-Length: the proxy sets Content-Length itself"),
        ({"MCP-Session-Id": "5"}, ".MCP-Session-Id: the proxy sets MCP-Session-Id itself"),
        ({"X-A": "1", "x-a": "2"}, ".x-a: x-a is given twice; header names do not distinguish case"),
        ({"X": "s3cr3t\n"}, f".X: {UNSENDABLE}"),
        ({"X": "s3cr3t\r\nEvil: 1"}, f".X: {UNSENDABLE}"),
        ({"X": "s3cr3t é"}, f".X: {UNSENDABLE}"),
    ],
)
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(headers, problem):
    assert refused_server(url="http://a", headers=headers) == [f"servers.a.headers{problem}"]


def test_every_fault_of_several_headers_is_told_at_once():
    headers = {"A b": "x", "Host": "a", "X": "s3cr3t\n", "X-Number": 5, "X-A": "1", "x-a": "2", "{b}": "s3cr3t"}
    assert refused_server(url="http://a", headers=headers) == [
        "servers.a.headers.A b: 'A b' is no header name",
        "servers.a.headers.Host: the proxy sets Host itself",
        f"servers.a.headers.X: {UNSENDABLE}",
        "servers.a.headers.X-Number: a number is no text; put it in quotes",
        "servers.a.headers.{b}: '{b}' is no header name",
        "servers.a.headers.x-a: x-a is given twice; header names do not distinguish case",
    ]


@pytest.mark.parametrize("headers", [["A: b"], "A: b", 5])
def test_headers_that_are_no_mapping_are_refused(headers):
    (problem,) = refused_server(url="http://a", headers=headers)
    assert problem.endswith("expected a mapping of keys")


def test_headers_that_can_be_sent_are_kept():
    headers = {"Authorization": "Bearer ${TOKEN}", "x-empty": "", "X-Tab": "a\tb"}
    assert ServerConfig(url="http://a", headers=headers).headers == headers


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (5, "a number is no text; put it in quotes"),
        (True, "a boolean is no text; put it in quotes"),
        (None, "holds nothing; give it a value, or leave the key out"),
        (["s3cr3t"], "a list: input should be a valid string"),
        ({"s3cr3t": 1}, "a mapping: input should be a valid string"),
    ],
)
def test_a_value_that_may_be_a_secret_is_never_repeated(value, said):
    assert refused_server(url="http://a", headers={"X": value}) == [f"servers.a.headers.X: {said}"]


def test_numbers_where_texts_belong_and_keys_that_hold_nothing_are_told_in_the_words_of_yaml():
    assert refused_server(command="run", args=["--port", 8080, True, None]) == [
        "servers.a.args[1]: 8080 is no text; put it in quotes",
        "servers.a.args[2]: true is no text; put it in quotes",
        "servers.a.args[3]: holds nothing; give it a value, or leave the key out",
    ]


@pytest.mark.parametrize("name", ["a" * 40, "a", "a-1", "github2"])
def test_names_that_can_be_taken_apart_again_are_accepted(name):
    assert list(validate(ProxyConfig, {"servers": {name: {"url": "http://a"}}}, "s").servers) == [name]


@pytest.mark.parametrize("name", ["A", "a__b", "a_b", "a--b", "-a", "a-", "1a", "a+b", "", "a" * 41, "a.b", "ä"])
def test_other_names_are_refused_for_servers_and_namespaces(name):
    rule = "a lower-case letter, then letters, digits and single dashes, at most 40 characters"
    assert refused(servers={name: {"url": "http://a"}})[0].endswith(f"{name!r} is no server name: {rule}")
    if name:
        assert refused_server(url="http://a", namespace=name) == [f"servers.a.namespace: {name!r} is no namespace: {rule}"]


@pytest.mark.parametrize(("namespace", "in_force"), [(None, "a"), ("", ""), ("b", "b")])
def test_the_namespace_is_the_servers_name_unless_another_is_given(namespace, in_force):
    assert namespace_of("a", ServerConfig(url="http://a", namespace=namespace)) == in_force


@pytest.mark.parametrize(("first", "second", "what"), [("", "", "the empty namespace"), (None, "a", "namespace 'a'")])
def test_two_servers_cannot_have_one_namespace(first, second, what):
    servers = {"a": {"url": "http://a", "namespace": first}, "b": {"url": "http://b", "namespace": second}}
    assert refused(servers=servers) == [f"servers 'a' and 'b' both have {what}; give one of them another `namespace`"]


@pytest.mark.parity("aggregate.bind-guard")
@pytest.mark.parametrize("listen", ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:80", "mcp.example.com:80"])
def test_an_address_off_loopback_needs_a_statement_about_the_network(listen):
    (problem,) = refused(listen=listen)
    assert problem.startswith(f"listen {listen!r} is reachable from other machines and nothing checks who calls; listen on 127")
    stated = {"servers": {"a": {"url": "http://a"}}, "listen": listen, "trust_network": True}
    assert validate(ProxyConfig, stated, "s").trust_network


@pytest.mark.parity("aggregate.bind-guard")
def test_an_address_off_loopback_may_ask_for_keys_instead():
    keys = {"servers": {"a": {"url": "http://a"}}, "listen": "0.0.0.0:8080", "authentication": {"api_keys": "/keys/k.yaml"}}
    config = validate(ProxyConfig, keys, "s")
    assert (config.authentication.api_keys, config.trust_network) == ("/keys/k.yaml", False)


@pytest.mark.parametrize("listen", ["127.0.0.1:8080", "0.0.0.0:8080"])
def test_asking_for_keys_and_trusting_the_network_contradict(listen):
    (problem,) = refused(listen=listen, authentication={"api_keys": "k"}, trust_network=True)
    assert problem == "`authentication` checks who calls, `trust_network` states that nobody has to; remove one of them"


@pytest.mark.parametrize(
    ("value", "path"),
    [({}, ".api_keys"), ({"api_keys": ""}, ".api_keys"), ({"api_keys": "k", "oauth": 1}, ".oauth"), (5, ""), ([], "")],
)
def test_authentication_names_one_file(value, path):
    (problem,) = refused(authentication=value)
    assert problem.startswith(f"authentication{path}: ")


@pytest.mark.parity("aggregate.bind-guard")
@pytest.mark.parametrize("keys", [{}, {"listen": "127.0.0.1:0"}, {"listen": "localhost:1"}, {"listen": "[::1]:65535"}])
def test_loopback_needs_no_statement(keys):
    config = validate(ProxyConfig, {"servers": {"a": {"url": "http://a"}}, **keys}, "s")
    assert config.listen == keys.get("listen", "127.0.0.1:8080")


@pytest.mark.parametrize("listen", ["", "8080", ":8080", "a:", "a:b", "a:65536", "a:-1", "a:\u0661", "::1:8080", "[::1]"])
def test_what_is_no_address_is_refused(listen):
    assert refused(listen=listen) == [f"listen: {listen!r} is no HOST:PORT, such as 127.0.0.1:8080"]


def test_an_address_is_taken_apart():
    assert split_address("[::1]:80") == ("[::1]", 80)


@pytest.mark.parametrize("host", ["mcp.example.com", "*.example.com", "gateway", "10.0.0.1", "[fd00::1]", "${HOST}"])
def test_a_host_may_be_a_name_a_suffix_or_an_address(host):
    assert validate(ProxyConfig, {"servers": {"a": {"url": "http://a"}}, "allowed_hosts": [host]}, "s").allowed_hosts == [host]


@pytest.mark.parametrize("host", ["https://a", "a:80", "*", "*.", "a.*.b", "a/b", "", ".a", "a b"])
def test_a_host_that_would_never_match_is_refused(host):
    (problem,) = refused(allowed_hosts=[host])
    assert problem.startswith(f"allowed_hosts[0]: {host!r} is no host name: write")


@pytest.mark.parametrize("origin", ["https://app.example.com", "http://localhost:3000", "${ORIGIN}"])
def test_an_origin_is_scheme_host_and_port(origin):
    found = validate(ProxyConfig, {"servers": {"a": {"url": "http://a"}}, "allowed_origins": [origin]}, "s")
    assert found.allowed_origins == [origin]


@pytest.mark.parametrize("origin", ["app.example.com", "https://a/", "https://a/b", "null", "https://u@a", ""])
def test_an_origin_that_no_browser_sends_is_refused(origin):
    (problem,) = refused(allowed_origins=[origin])
    assert problem == f"allowed_origins[0]: {origin!r} is no origin: write `https://app.example.com`, without path"


@pytest.mark.parametrize("origin", ["https://*.a", "*"])
def test_origins_are_named_one_by_one(origin):
    (problem,) = refused(allowed_origins=[origin])
    assert problem.endswith(f"{origin!r} is a wildcard, and origins are named in full: write each, as `https://app.example.com`")


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        ("allowed_hosts", "bücher.example", "`xn--bcher-kva.example`"),
        ("allowed_hosts", "*.Bücher.example", "`*.xn--bcher-kva.example`"),
        ("allowed_hosts", "bu\u0308cher.example", "`xn--bcher-kva.example`"),
        ("allowed_hosts", "faß.example", "`xn--…`"),
        ("allowed_hosts", f"{'ü' * 64}.example", "`xn--…`"),
        ("allowed_origins", "https://bücher.example:8443", "`xn--bcher-kva.example`"),
    ],
)
def test_an_international_name_is_refused_with_the_form_that_goes_over_the_wire(key, value, written):
    (problem,) = refused(**{key: [value]})
    assert problem.endswith(f"write it in punycode, as it goes over the wire: {written}")


def test_the_port_of_an_origin_is_a_number():
    assert refused(allowed_origins=["https://a:b"]) == ["allowed_origins[0]: the port of 'a:b' is no number from 1 to 65535"]


@pytest.mark.parametrize("key", Limits.model_fields)
@pytest.mark.parametrize("value", [0, -1, True, "many", float("inf"), float("nan"), None])
def test_a_limit_is_a_number_above_zero(key, value):
    if value is None and Limits.model_fields[key].default is None:
        return  # depends on the server, where nothing is said
    (problem,) = refused(limits={key: value})
    assert problem.startswith(f"limits.{key}: ")


@pytest.mark.parametrize("key", Limits.model_fields)
def test_a_limit_may_come_out_of_a_placeholder(key):
    assert getattr(validate(Limits, {key: "7"}, "s"), key) == 7


def test_a_configuration_cannot_change_after_it_was_checked():
    with pytest.raises(ValidationError, match="frozen"):
        Limits().drain_seconds = 5


@pytest.mark.parametrize("bound", ["max_bytes", "max_depth"])
def test_a_bound_of_a_check_that_is_off_is_idle(bound):
    idle = f"`{bound}` does nothing where neither `arguments` nor `results` is checked"
    assert refused_server(url="http://a", validation={bound: 9}) == [f"servers.a.validation: {idle}"]
    assert ServerConfig(url="http://a", validation=Validation.model_validate({"arguments": "observe", bound: 9}))
