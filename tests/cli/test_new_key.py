"""`new-key` and `new-session-key`: keys for eyes, entries for files."""

import pytest

from mcp_stack_proxy import cli
from mcp_stack_proxy.config import Source
from mcp_stack_proxy.config.api_keys import digest_of, parse_keys
from mcp_stack_proxy.config.session_keys import parse_session_keys


def test_the_key_is_shown_once_and_the_entry_can_go_straight_into_the_file(capsys):
    assert cli.main(["new-key", "--subject", "ci", "--role", "reader", "--role", "writer"]) == 0
    out, err = capsys.readouterr()
    key = err.strip().rpartition(" ")[2]
    assert err == f"key, shown only here, to hand to ci: {key}\n"
    [entry] = parse_keys(Source("stdout", out)).values()
    assert (entry.subject, entry.roles, entry.hash) == ("ci", ["reader", "writer"], digest_of(key.encode()))
    assert key not in out


def test_a_name_that_no_entry_may_have_is_refused(capsys):
    assert cli.main(["new-key", "--subject", "two words"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("new-key: 1 problem\n  subject: a subject has 1 to 128")


def test_a_key_is_somebodys(capsys):
    with pytest.raises(SystemExit):
        cli.main(["new-key"])
    assert "--subject" in capsys.readouterr().err


def test_a_session_key_goes_straight_into_its_file(capsys):
    assert cli.main(["new-session-key"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert len(parse_session_keys(Source("stdout", out))) == 1
