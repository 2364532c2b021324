import pytest
from pydantic import TypeAdapter, ValidationError

from mcp_stack.spec.hosts import HostPattern, host_of


@pytest.mark.parity("stack.ingress-host")
@pytest.mark.parametrize(
    ("pattern", "part", "environment", "host"),
    [
        ("mcp-{server}[.{environment}].{domain}", "api", "production", "mcp-api.example.com"),
        ("mcp-{server}[.{environment}].{domain}", "api", "staging", "mcp-api.staging.example.com"),
        ("mcp-{server}[.{environment}].{domain}", "gateway", "staging", "mcp-gateway.staging.example.com"),
        ("{server}.mcp.{domain}", "api", "staging", "api.mcp.example.com"),
        ("{environment}-{server}.{domain}", "api", "production", "production-api.example.com"),
        ("[{server}.]{domain}", "gateway", "staging", "example.com"),
        ("tools.example.org", "api", "staging", "tools.example.org"),
    ],
)
def test_the_pattern_of_hosts_can_be_changed(pattern, part, environment, host):
    assert host_of(part, environment, "example.com", pattern) == host


def test_a_host_is_unknown_where_its_pattern_needs_a_domain_that_is_not_given():
    assert host_of("api", "staging", None) is None
    assert host_of("api", "staging", None, "{server}.example.org") == "api.example.org"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("{name}.{domain}", "no placeholder {name}; there are {server}, {environment}, {domain}"),
        ("mcp[-x].{domain}", "[-x] holds no placeholder"),
        ("MCP.{domain}", "a host consists of lower-case letters"),
        ("mcp-[{server}.{domain}", "a host consists of lower-case letters"),
        ("{server.{domain}", "a host consists of lower-case letters"),
    ],
)
def test_a_pattern_that_makes_no_host_is_refused(pattern, message):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(HostPattern).validate_python(pattern)
    assert message in str(caught.value)
