import pytest

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
            {"cidr": "169.254.169.254/32"},
            ["servers.web.egress[0].cidr: 169.254.169.254 hands out credentials of the node; no pod of a stack may reach it"],
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
