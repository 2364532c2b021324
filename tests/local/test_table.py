"""What people see: a table on a terminal, lines elsewhere."""

import io

import pytest
from rich.console import Console

from mcp_stack.local.board import Board, Row, State, first_board
from mcp_stack.local.table import Display, invitation, line_of, table_of
from mcp_stack.spec import load_spec

ROW = Row("clock", "stdio", port=4001)


def screen(*, terminal):
    return Console(file=io.StringIO(), force_terminal=terminal, color_system="truecolor" if terminal else None, width=100)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (ROW, "clock is starting"),
        (
            Row("clock", "stdio", State.READY, tools=1, revision="2026-07-28", pid=7, port=4001),
            "clock is ready: 1 tool, revision 2026-07-28, pid 7, port 4001",
        ),
        (Row("sentry", "remote", State.READY, tools=12), "sentry is ready: 12 tools"),
        (
            Row("clock", "stdio", State.FAILING, "ended with exit code 1", revision="2026-07-28", port=4001),
            "clock is failing: ended with exit code 1",
        ),
    ],
)
def test_a_row_as_a_sentence(row, expected):
    assert line_of(row) == expected


async def test_without_a_terminal_each_change_is_a_line_without_colours():
    console, board = screen(terminal=False), Board([ROW, Row("gateway", "gateway")])
    with Display(console, board) as display:
        board.update("clock", pid=7)
        board.update("clock", state=State.LISTENING)
        board.update("clock", state=State.READY, tools=4)
        board.update("clock", state=State.READY, tools=4)
        board.update("clock", state=State.FAILING, reason="why [not]", tools=None)
        display.output("clock", ["Traceback", "[red]"])
    assert console.file.getvalue().splitlines() == [
        "clock is ready: 4 tools, pid 7, port 4001",
        "clock is failing: why [not]",
        "clock | Traceback",
        "clock | [red]",
    ]


async def test_on_a_terminal_a_coloured_table_is_redrawn_and_leaves_no_trace():
    console, board = screen(terminal=True), Board([ROW, Row("gateway", "gateway")])
    with Display(console, board):
        board.update("clock", state=State.READY, tools=4)
    written = console.file.getvalue()
    assert "\x1b[32mready" in written
    assert written.startswith("\x1b[?25l")  # the cursor is hidden, and shown again
    assert "\x1b[?25h" in written


async def test_the_table_has_a_row_for_each_part_and_the_gateway_has_the_tools_of_all():
    board = Board([ROW, Row("units", "http", State.READY, tools=2, pid=9, port=4002), Row("gateway", "gateway", State.READY)])
    board.update("clock", state=State.READY, tools=4, revision="2026-07-28")
    console = screen(terminal=False)
    console.print(table_of(board))
    assert [line.split() for line in console.file.getvalue().splitlines()] == [
        ["server", "kind", "state", "tools", "revision", "pid", "port"],
        ["clock", "stdio", "ready", "4", "2026-07-28", "-", "4001"],
        ["units", "http", "ready", "2", "-", "9", "4002"],
        ["gateway", "gateway", "ready", "6", "-", "-", "-"],
    ]


async def test_the_table_says_why_something_fails():
    board, console = Board([Row("clock", "stdio", State.FAILING, "ended by SIGKILL")]), screen(terminal=False)
    console.print(table_of(board))
    assert "clock: ended by SIGKILL" in console.file.getvalue()


async def test_before_the_start_every_part_is_starting(stack):
    board = first_board(load_spec(stack, "local", cluster=False), {"clock": 1, "units": 2, "gateway": 3})
    assert [(row.name, row.kind, row.port, row.state) for row in board.rows] == [
        ("clock", "stdio", 1, "starting"),
        ("sentry", "remote", None, "starting"),
        ("units", "http", 2, "starting"),
        ("gateway", "gateway", 3, "starting"),
    ]


def test_the_invitation_can_be_pasted_into_a_client():
    assert invitation(8080).splitlines() == [
        "all servers: http://127.0.0.1:8080/mcp",
        "one server:  http://127.0.0.1:8080/servers/NAME/mcp",
        'in a client: {"mcpServers": {"mcp-stack": {"type": "http", "url": "http://127.0.0.1:8080/mcp"}}}',
    ]


def test_the_invitation_names_the_servers_that_are_put_together():
    assert invitation(8080, virtual=["support"]).splitlines()[2] == "support: http://127.0.0.1:8080/servers/support/mcp"
