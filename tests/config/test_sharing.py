"""What replicas share, as the configuration says it."""

import pytest

from mcp_stack_proxy.config import ConfigError, ProxyConfig, Source, load, validate

SERVERS = {"clock": {"url": "http://clock:8000/mcp"}}


def sessions(**keys):
    return validate(ProxyConfig, {"servers": SERVERS, "sessions": keys}, "test").sessions


@pytest.mark.parametrize("address", ["10.0.0.1:8080", "gateway-0.gateway:80", "[fd00::1]:8080", "${POD_IP}:8080"])
def test_a_replica_says_where_others_reach_it(address):
    assert sessions(keys="/keys", advertise=address).advertise == address


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"advertise": "a:1"}, "sessions.keys: required"),
        ({"keys": ""}, "sessions.keys: "),
        ({"keys": "/keys", "advertise": "a:0"}, "sessions.advertise: 'a:0' has port 0, which nobody listens on"),
        ({"keys": "/keys", "advertise": "a"}, "sessions.advertise: 'a' is no HOST:PORT"),
        ({"keys": "/keys", "advertise": ":8080"}, "sessions.advertise: ':8080' is no HOST:PORT"),
    ],
)
def test_what_nobody_can_use_is_refused(keys, says):
    with pytest.raises(ConfigError) as caught:
        sessions(**keys)
    assert says in str(caught.value)


def test_the_address_of_a_pod_fills_the_placeholder():
    text = "servers: {clock: {url: http://clock/mcp}}\nsessions: {keys: /keys, advertise: '${POD_IP}:8080'}"
    config = load(Source("test", text), {"POD_IP": "fd00::7"})
    assert config.sessions.advertise == "[fd00::7]:8080"
