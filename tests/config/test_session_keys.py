"""The file of session keys: one a line; what is wrong is told by its line, never by its text."""

import base64

import pytest

from mcp_stack_proxy.config import ConfigError, Source
from mcp_stack_proxy.config.session_keys import MAX_KEYS, new_session_key, parse_session_keys
from mcp_stack_proxy.wire.sealing import Keyring

HOW = "`mcp-stack-proxy new-session-key` makes one"
SHORT = base64.b64encode(b"x" * 16).decode()


def parse(text):
    return parse_session_keys(Source("keys", text))


def test_keys_come_in_the_order_of_the_file():
    first, second = new_session_key(), new_session_key()
    text = f"# newest\n{first}\n\n  {second}  # until Friday\n"
    assert parse(text) == [base64.b64decode(first), base64.b64decode(second)]


def test_a_new_key_is_another_each_time_and_good_for_sealing():
    keys = parse("\n".join(new_session_key() for _ in range(MAX_KEYS)))
    assert len(set(keys)) == MAX_KEYS
    Keyring(keys)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "keys: 1 problem\n  0 keys; give 1 to 16, one a line, the newest first"),
        ("# none\n", "keys: 1 problem\n  0 keys; give 1 to 16, one a line, the newest first"),
        ("\n".join(new_session_key() for _ in range(17)), "keys: 1 problem\n  17 keys; give 1 to 16, one a line, the newest first"),
        (
            f"{SHORT}\n",
            f"keys: 1 problem\n  line 1: expected 32 bytes in base64, 24 characters given; {HOW}",
        ),
        (
            "hello\n\nwörld",
            "keys: 2 problems\n"
            f"  line 1: expected 32 bytes in base64, 5 characters given; {HOW}\n"
            f"  line 3: expected 32 bytes in base64, 5 characters given; {HOW}",
        ),
    ],
)
def test_what_cannot_be_used_is_told_by_its_line(text, says):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert str(caught.value) == says


def test_a_key_that_stands_twice_is_refused_without_being_shown():
    key = new_session_key()
    with pytest.raises(ConfigError) as caught:
        parse(f"{key}\n{key}\n")
    assert str(caught.value) == "keys: 1 problem\n  line 2: the key of a line above again; remove it"
