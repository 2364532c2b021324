"""Places and a queue: in order, within bounds, and nothing lost however callers end."""

import asyncio
import gc
from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mcp_stack_proxy.config import ServerLimits
from mcp_stack_proxy.errors import Overloaded, Reason
from mcp_stack_proxy.guard.gate import Gate, gate_of

FAR = 1e9


def state(gate):
    return gate.inside, gate.waiting


async def settle():
    """Let everything that is ready happen."""
    for _ in range(3):
        await asyncio.sleep(0)


async def queued(gate, deadline=FAR):
    """A caller in the queue, as a task."""
    task = asyncio.create_task(entered(gate, deadline))
    await settle()
    return task


async def entered(gate, deadline=FAR):
    if (turn := gate.enter(deadline)) is not None:
        await turn


async def test_a_free_place_is_taken_at_once():
    gate = Gate(2, 0, 1)
    assert gate.enter(FAR) is None
    assert gate.enter(FAR) is None
    assert state(gate) == (2, 0)
    gate.leave()
    assert gate.enter(FAR) is None


async def test_places_are_given_in_the_order_in_which_they_were_asked_for():
    gate, order = Gate(1, 5, 60), []
    gate.enter(FAR)

    async def come(name):
        await entered(gate)
        order.append(name)

    tasks = []
    for name in "abc":
        tasks.append(asyncio.create_task(come(name)))
        await settle()
    assert state(gate) == (1, 3)
    for _ in range(3):
        gate.leave()
        assert gate.inside == 1, "the place is handed over, never free for whoever comes in between"
        await settle()
    assert order == ["a", "b", "c"]
    gate.leave()
    assert state(gate) == (0, 0)


@pytest.mark.parametrize(("room", "named", "seconds"), [(0, "max_concurrent", 1), (1, "max_queue", 7)])
async def test_no_room_is_answered_at_once_and_names_the_limit(room, named, seconds):
    gate = Gate(1, room, 6.2)
    gate.enter(FAR)
    tasks = [await queued(gate) for _ in range(room)]
    with pytest.raises(Overloaded, match=f"limits.{named}") as caught:
        gate.enter(FAR)
    assert (caught.value.reason, caught.value.retryable, caught.value.retry_after) == (Reason.OVERLOADED, True, seconds)
    for task in tasks:
        task.cancel()


@pytest.mark.parametrize("patience", [0.0, 60.0])
async def test_patience_or_the_deadline_end_a_wait_which_then_holds_nothing(patience):
    gate = Gate(1, 5, patience)
    gate.enter(FAR)
    late = await queued(gate, FAR if patience == 0 else 0)
    after = await queued(gate) if patience else None
    with pytest.raises(Overloaded, match="queue_seconds"):
        await late
    gate.leave()
    if after:
        await after
    assert state(gate) == (1 if after else 0, 0)


@pytest.mark.parametrize("given", [False, True], ids=["waiting", "given in the same moment"])
async def test_whoever_is_cancelled_leaves_the_place_to_the_next(given):
    gate = Gate(1, 5, 60)
    gate.enter(FAR)
    first, second = await queued(gate), await queued(gate)
    if given:
        gate.leave()
        first.cancel()
    else:
        first.cancel()
        gate.leave()
    with suppress(asyncio.CancelledError):
        await first
    await second
    assert state(gate) == (1, 0)


async def test_a_wait_that_is_thrown_away_holds_nothing():
    gate = Gate(1, 5, 60)
    gate.enter(FAR)
    turn = gate.enter(FAR)
    turn.send(None)
    turn.close()
    assert state(gate) == (1, 0)
    turn = gate.enter(FAR)
    turn.send(None)
    gate.leave()
    turn.close()
    assert state(gate) == (0, 0)


def test_there_is_no_gate_where_calls_are_not_bounded():
    assert gate_of(None) is None
    assert gate_of(ServerLimits(request_seconds=5)) is None
    assert gate_of(ServerLimits(max_concurrent=5)) is not None


class Comings(RuleBasedStateMachine):
    """Callers come, leave, lose patience and are cancelled in any order: the gate always knows who is inside and who waits."""

    PLACES, ROOM = 2, 3

    def __init__(self):
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.gate = Gate(self.PLACES, self.ROOM, 3600)
        self.inside, self.waiting = 0, []

    def run(self):
        self.loop.run_until_complete(settle())

    @rule()
    def come(self):
        async def enter():
            return self.gate.enter(self.loop.time() + 3600)

        full = len(self.waiting) == self.ROOM
        try:
            turn = self.loop.run_until_complete(enter())
        except Overloaded:
            assert full
            assert self.inside == self.PLACES
            return
        assert not (full and self.inside == self.PLACES)
        if turn is None:
            assert self.inside < self.PLACES
            self.inside += 1
        else:
            self.waiting.append(self.loop.create_task(turn))
            self.run()

    def given(self):
        """The first in the queue is inside now."""
        if self.waiting:
            task = self.waiting.pop(0)
            self.run()
            assert task.done()
            task.result()
        else:
            self.inside -= 1

    @precondition(lambda self: self.inside)
    @rule()
    def leave(self):
        self.gate.leave()
        self.given()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data):
        self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1))).cancel()
        self.run()

    @precondition(lambda self: self.inside and self.waiting)
    @rule(first=st.booleans())
    def leave_while_the_next_is_cancelled(self, first):
        task = self.waiting.pop(0)
        if first:
            task.cancel()
            self.gate.leave()
        else:
            self.gate.leave()
            task.cancel()
        self.given()
        self.run()
        assert task.cancelled()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def lose_patience(self, data):
        task = self.waiting.pop(data.draw(st.integers(0, len(self.waiting) - 1)))
        turn = task.get_coro().cr_frame.f_locals["turn"]
        self.gate._late(turn)
        self.gate._late(turn)
        self.run()
        assert isinstance(task.exception(), Overloaded)

    @invariant()
    def nothing_is_lost(self):
        assert state(self.gate) == (self.inside, len(self.waiting))
        assert not self.waiting or self.inside == self.PLACES

    def teardown(self):
        while self.inside:
            self.leave()
        assert state(self.gate) == (0, 0)
        self.loop.close()
        gc.collect()


Comings.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestComings = Comings.TestCase
