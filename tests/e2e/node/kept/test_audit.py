"""Records of calls on a volume of a node: they outlive the pod that wrote them, and the death of its process."""

import signal

import pytest

SECONDS = 300


@pytest.fixture(scope="module")
def seen(audit):
    """What became of records; begun when the stack was up."""
    return audit.result(SECONDS)


@pytest.mark.parity("aggregate.audit-output")
def test_records_are_on_the_volume_after_a_rollout_has_replaced_the_pod(seen):
    """The command in the new pod prints those of the old one, the youngest among them."""
    assert seen.after_rollout == seen.before_rollout


def test_kill_9_loses_no_record_that_had_its_time_to_be_written(seen):
    """`flush_seconds`: calls do not wait for their records."""
    if seen.after_kill is None:
        pytest.skip("the node is another machine: no process of its pods can be killed from here")
    assert seen.exit_code == 128 + signal.SIGKILL
    assert seen.after_kill == seen.before_rollout + seen.before_kill
