"""The doorman who asks for a key, header by header: what an HTTP client would not even send, too."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mcp_stack_proxy.config import ConfigError, ProxyConfig
from mcp_stack_proxy.config.api_keys import entries_text, new_key
from mcp_stack_proxy.identity import ApiKeys
from mcp_stack_proxy.serve.authentication import KeyedDoorman
from mcp_stack_proxy.serve.http import Refusal, Request
from mcp_stack_proxy.serve.process import build

ANN, EVE = new_key("ann"), new_key("eve")
KEY = ANN[0].encode()
PIECES = st.sampled_from(
    [b"Bearer ", b"bearer", b"Basic ", b" ", b"\t", b",", b"=", KEY[:-1], KEY[1:], EVE[0].encode(), b"\x80\xff"]
)


@pytest.fixture(scope="module")
def doorman(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "api-keys.yaml"
    file.write_text(entries_text([ANN[1]]))
    return KeyedDoorman("127.0.0.1", [], [], ApiKeys(file))


def knock(doorman, *headers, method="POST"):
    raw = [(b"host", b"127.0.0.1"), *headers]
    request = Request(method, "/mcp", b"", raw, dict(raw), None, [], None)
    doorman.admit(request)
    return request


def test_who_shows_a_key_has_a_name_from_then_on(doorman):
    request = knock(doorman, (b"authorization", b"Bearer " + KEY))
    assert (request.subject, request.caller.roles) == ("ann", frozenset())


def test_an_options_request_without_an_origin_is_no_preflight(doorman):
    with pytest.raises(Refusal) as caught:
        knock(doorman, method="OPTIONS")
    assert caught.value.status == 401


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from([b"authorization", b"x-api-key"]),
    parts=st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=5),
)
def test_no_header_but_a_key_opens(doorman, name, parts):
    value = b"".join(parts)
    assume(KEY not in value)  # the last letter may be guessed, too
    with pytest.raises(Refusal) as caught:
        knock(doorman, (name, value))
    assert caught.value.status == 401
    assert not any(part in caught.value.text.encode() for part in (KEY, EVE[0].encode()))


def test_a_file_of_keys_that_is_not_there_stops_the_start(tmp_path):
    config = {"servers": {"a": {"url": "http://a"}}, "authentication": {"api_keys": str(tmp_path / "none.yaml")}}
    with pytest.raises(ConfigError, match=r"none\.yaml: 1 problem\n  cannot be read: No such file"):
        build(ProxyConfig.model_validate(config))
