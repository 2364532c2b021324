import pytest

from mcp_stack_proxy.upstream.lines import Tail
from mcp_stack_proxy.upstream.redaction import redaction

KEY = "-----BEGIN KEY-----\nMIIEvgIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n"


@pytest.mark.parametrize(
    ("env", "line", "shown"),
    [
        ({"TOKEN": "ghp_0123456789"}, "401 for ghp_0123456789.", "401 for ${TOKEN}."),
        ({"TOKEN": "ghp_0123456789"}, "ghp_0123456789ghp_0123456789", "${TOKEN}${TOKEN}"),
        ({"A": "12345678", "B": "1234567890"}, "1234567890 12345678", "${B} ${A}"),
        ({"A": "a.*+(b)c"}, "a.*+(b)c aXX+(b)c", "${A} aXX+(b)c"),
        ({"LEVEL": "info", "PORT": "8080"}, "info: listening on 8080", "info: listening on 8080"),
        ({"KEY": KEY}, "bad key hkiG9w0BAQEFAASC", "bad key ${KEY}"),
        ({"TWO": "same-value", "ONE": "same-value"}, "same-value", "${ONE}"),
        ({}, "anything", "anything"),
        ({"EMPTY": "", "BLANK": "           "}, "a            b", "a            b"),
    ],
)
def test_values_of_the_environment_are_shown_by_their_name(env, line, shown):
    assert redaction(env)(line) == shown


def test_the_last_lines_hold_no_secret_even_where_colours_hide_it():
    tail = Tail(redacted=redaction({"TOKEN": "ghp_0123456789"}))
    tail.feed(b"key ghp_\x1b[31m0123456789\nand ghp_0123456789")
    assert tail.lines() == ["key ${TOKEN}", "and ${TOKEN}"]
