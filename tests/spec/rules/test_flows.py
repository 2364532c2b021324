import pytest

from mcp_stack.spec.rules.flows import CREDENTIALS as DENIED
from mcp_stack.spec.rules.flows import OWN_IDENTITY

IMAGE = {"image": {"repository": "acme/x", "tag": "1.0.0"}}


@pytest.mark.parametrize(
    ("egress", "expected"),
    [
        ({"server": "store"}, []),
        ({"server": "stor"}, ["servers.web.egress[0].server: no server 'stor' runs in this stack; did you mean `store`?"]),
        (
            {"server": "off"},
            ["servers.web.egress[0].server: no server 'off' runs in this stack; name one that is enabled and runs here"],
        ),
        ({"server": "web"}, ["servers.web.egress[0].server: a server reaches itself without a network; remove it"]),
        ({"server": "store", "ports": [80]}, ["servers.web.egress[0]: `ports` does nothing beside `server`, whose port is known"]),
        (
            {"server": "store", "internet": True},
            ["servers.web.egress[0]: name the peer in exactly one way, not by server and internet"],
        ),
        ({}, ["servers.web.egress[0]: name the peer in exactly one way"]),
        (
            {"cidr": "10.1.0.0/33"},
            [
                "servers.web.egress[0].cidr: '10.1.0.0/33' is no address range such as 10.20.0.0/16: "
                "'10.1.0.0/33' does not appear to be an IPv4 or IPv6 network"
            ],
        ),
        ({"namespace": "x", "without": ["10.0.0.0/8"]}, ["servers.web.egress[0]: `without` does nothing without `cidr`"]),
        (
            {"cidr": "10.1.0.0/16", "without": ["10.2.0.0/24"]},
            ["servers.web.egress[0]: without: '10.2.0.0/24' does not lie within '10.1.0.0/16'"],
        ),
        (
            {"cidr": "10.1.0.0/16", "without": ["fd00::/64"]},
            ["servers.web.egress[0]: without: 'fd00::/64' does not lie within '10.1.0.0/16'"],
        ),
        (
            {"api_server": True, "ports": [443]},
            ["servers.web.egress[0]: `ports` does nothing beside `api_server`, whose port is known"],
        ),
        (
            {"api_server": True},
            [
                "servers.web.egress[0].api_server: unknown where the API server is, policies know addresses only; give them, "
                "such as `network: {api_server: {cidrs: [10.96.0.1/32, 10.0.0.4/32]}}`"
            ],
        ),
        (
            {"cidr": "fd20:ce::254/128"},
            [f"servers.web.egress[0].cidr: fd20:ce::254 {DENIED}; {OWN_IDENTITY}"],
        ),
        (
            {"cidr": "169.254.169.254/32"},
            [f"servers.web.egress[0].cidr: 169.254.169.254 {DENIED}; {OWN_IDENTITY}"],
        ),
    ],
)
def test_a_destination_exists_and_is_named_in_one_way(problems, egress, expected):
    changes = {"servers.web.egress": [egress], "servers.store": IMAGE, "servers.off": {**IMAGE, "enabled": False}}
    assert problems(changes) == expected


def test_a_remote_server_needs_no_way_to_the_stack_itself(problems):
    far = {"url": "https://mcp.example.org/mcp", "egress": [{"server": "web"}]}
    assert problems({"servers.far": far}) == [
        "servers.far.egress[0].server: does nothing, the gateway reaches the stack's own servers anyway; remove it"
    ]


def test_where_the_clusters_own_services_are_is_said_for_somebody_and_is_not_the_metadata_service(problems):
    assert problems({"network.api_server": {"cidrs": ["10.96.0.1/32"]}}) == [
        "network.api_server: does nothing, no server's `egress` names it (`egress: [{api_server: true}]`); remove it"
    ]
    bad = {"network.dns": {"addresses": ["169.254.169.254/32"]}, "network.api_server": {"cidrs": ["fd00:ec2::254/128"]}}
    reason = DENIED
    assert problems({**bad, "servers.web.egress": [{"api_server": True}]}) == [
        f"network.api_server.cidrs[0]: fd00:ec2::254 {reason}",
        f"network.dns.addresses[0]: 169.254.169.254 {reason}",
    ]


class Later:
    """What a program knows only after deployment."""

    def apply(self, run):
        raise AssertionError(run)


@pytest.mark.parametrize(
    ("url", "env", "egress", "refused"),
    [
        ("${URL}", {"URL": Later()}, [], True),
        ("https://${HOST}/mcp", {"HOST": Later()}, [], True),
        ("https://${HOST}/mcp", {"HOST": Later()}, [{"internet": True}], False),
        ("https://${HOST}/mcp", {"HOST": "mcp.example.com"}, [], False),
        ("https://mcp.example.com/${PART}", {"PART": Later()}, [], False),
        ("https://${HOST:-mcp.example.com}/mcp", {}, [], False),
    ],
)
def test_where_a_url_leads_that_is_known_later_is_known_before(problems, url, env, egress, refused):
    found = problems({"servers.far": {"url": url, "env": env, "egress": egress}})
    assert [one.partition(":")[0] for one in found] == (["servers.far.egress"] if refused else [])


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:169.254.169.254]"])
def test_a_url_never_leads_to_the_metadata_service_whose_address_its_policy_would_open(problems, host):
    shown = host.strip("[]").removeprefix("::ffff:")
    assert problems({"servers.far": {"url": f"http://{host}/mcp"}}) == [f"servers.far.url: {shown} {DENIED}"]


def test_a_url_names_an_address_of_ipv4_as_policies_know_it(problems):
    said = "servers.far.url: ::ffff:10.1.2.3 is 10.1.2.3 in another notation, which no policy opens; write 10.1.2.3"
    assert problems({"servers.far": {"url": "http://[::ffff:10.1.2.3]/mcp"}}) == [said]
    assert problems({"servers.far": {"url": "http://10.1.2.3/mcp"}}) == []
    assert problems({"servers.far": {"url": "http://[2001:DB8:0::5]/mcp"}}) == []
