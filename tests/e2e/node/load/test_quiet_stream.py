"""A stream on which nobody says anything, beside everything that the other tests do in the meantime."""

import json

import pytest

from tests.e2e.node.load.quiet import QUIET_SECONDS
from tests.e2e.node.pods import START_SECONDS


@pytest.mark.parity("stack.gateway-api")
def test_a_stream_that_says_nothing_for_more_than_a_minute_stays_open(stream):
    """Through the Service and the gateway, on the timeouts of a stack. Behind a controller: tests/e2e/exposure."""
    output, _ = stream.communicate(timeout=QUIET_SECONDS + START_SECONDS)
    seen = json.loads(output)
    assert (seen["status"], seen["ended"], seen["after"]) == (200, False, 200)
    assert seen["quiet"] >= QUIET_SECONDS - 1
