"""A server's time stands still while its client is asked something."""

import asyncio

import pytest

from mcp_stack_proxy.errors import Reason, UpstreamError
from mcp_stack_proxy.upstream.turn import Turn

LONG = 60.0
SHORT = 0.05


def now():
    return asyncio.get_running_loop().time()


async def test_what_comes_in_time_is_passed_on():
    assert await Turn(now() + LONG, LONG).wait(asyncio.sleep(0, "said")) == "said"


@pytest.mark.parametrize(
    ("total", "silence", "message", "reason"),
    [(SHORT, LONG, "did not answer in time", Reason.TIMEOUT), (LONG, SHORT, "said nothing for 0.05 s", Reason.SILENT)],
)
@pytest.mark.parity("aggregate.request-timeout")
async def test_silence_and_the_end_are_told_apart(total, silence, message, reason):
    with pytest.raises(UpstreamError, match=message) as caught:
        await Turn(now() + total, silence).wait(asyncio.Event().wait())
    assert caught.value.reason is reason


async def test_nothing_runs_out_while_a_question_is_open_and_the_rest_runs_after_the_last():
    turn = Turn(now() + SHORT, LONG)
    turn.ask()
    turn.ask()
    waiting = asyncio.ensure_future(turn.wait(asyncio.Event().wait()))
    await asyncio.sleep(3 * SHORT)
    turn.answered()
    assert not waiting.done()
    before = turn.deadline
    turn.answered()
    assert turn.deadline - before > 2 * SHORT
    async with asyncio.timeout(LONG):
        with pytest.raises(UpstreamError, match="did not answer in time"):
            await waiting


async def test_an_answer_between_two_messages_counts_from_the_next():
    turn = Turn(now() + LONG, SHORT)
    turn.ask()
    turn.answered()
    with pytest.raises(UpstreamError, match="said nothing"):
        await turn.wait(asyncio.Event().wait())
