"""What a process shares with others: nothing by itself, its keys and address where it is told to."""

import pytest

from mcp_stack_proxy.config import ConfigError, Sessions
from mcp_stack_proxy.config.session_keys import new_session_key
from mcp_stack_proxy.serve.sharing import Sharing
from mcp_stack_proxy.upstream.tasks import Tasks
from tests.serve.balanced import write_keys


def test_a_process_alone_has_a_key_that_nobody_else_has():
    one, other = Sharing(None, Tasks()), Sharing(None, Tasks())
    assert one.address == ""
    assert other.keys.open("x", one.keys.seal("x", b"y")) is None
    assert one.process != other.process


async def test_processes_with_one_file_open_what_the_others_seal(tmp_path):
    tasks, file = Tasks(), tmp_path / "keys"
    write_keys(file, new_session_key())
    config = Sessions(keys=str(file), advertise="10.0.0.1:8080")
    one, other = Sharing(config, tasks), Sharing(config, tasks)
    assert other.keys.open("x", one.keys.seal("x", b"y")) == b"y"
    ticket = other.tickets("t").redeem(one.tickets("t").issue("p", None, b"", 9e9), None, b"", 0)
    assert (ticket.address, ticket.process) == ("10.0.0.1:8080", one.process)
    assert len(tasks) == 2
    await tasks.aclose()


async def test_a_process_without_an_address_is_never_called(tmp_path):
    tasks, file = Tasks(), tmp_path / "keys"
    write_keys(file, new_session_key())
    assert Sharing(Sessions(keys=str(file)), tasks).address == ""
    await tasks.aclose()


async def test_keys_that_cannot_be_read_stop_the_start(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        Sharing(Sessions(keys=str(tmp_path / "none")), Tasks())
