import pytest

from mcp_stack_proxy.upstream.vitals import LIVELIEST, Counters, State, Vitals, together


def vitals(state, **more):
    usual = {"processes": 0, "open_calls": 0, "resident_bytes": None, "retry_seconds": 0.0, "last_exit": None, "last_stderr": ()}
    return Vitals(state=state, counters=Counters(), **{**usual, **more})


def test_every_state_has_a_place_among_the_others():
    assert set(LIVELIEST) == set(State)


@pytest.mark.parametrize(
    ("states", "state", "retry"),
    [
        ([State.IDLE], State.IDLE, 0),
        ([State.IDLE, State.RUNNING, State.FAILED], State.RUNNING, 0),
        ([State.FAILED, State.BACKING_OFF], State.BACKING_OFF, 3),
        ([State.STOPPED, State.STOPPED], State.STOPPED, 3),
    ],
)
def test_a_server_is_what_its_liveliest_process_is(states, state, retry):
    found = together([vitals(state, retry_seconds=3.0 + number) for number, state in enumerate(states)], Counters())
    assert (found.state, found.retry_seconds) == (state, retry)


def test_numbers_are_added_up_and_the_counters_are_those_of_all():
    counters = Counters()
    running = {"processes": 1, "open_calls": 2}
    parts = [
        vitals(State.IDLE, last_exit="exited with code 1", last_stderr=("no",)),
        vitals(State.RUNNING, **running, resident_bytes=5),
        vitals(State.RUNNING, **running, resident_bytes=7),
    ]
    found = together(parts, counters)
    assert (found.processes, found.open_calls, found.resident_bytes) == (2, 4, 12)
    assert (found.last_exit, found.last_stderr) == ("exited with code 1", ("no",))
    assert found.counters is counters
    assert together([vitals(State.IDLE)], counters).resident_bytes is None
