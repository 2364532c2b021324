"""Streams through a real controller on which nothing is said for longer than it waits for others."""

import pytest

from tests.e2e.controllers.clients import SECONDS
from tests.e2e.controllers.quiet import QUIET_SECONDS


@pytest.mark.parametrize("way", [0, 1], ids=["gateway-api", "ingress"])
@pytest.mark.parametrize("stream", ["legacy", "auto", "silent"])
@pytest.mark.parity("stack.gateway-api", "stack.ingress-streaming")
def test_a_quiet_stream_outlives_the_controllers_time_limits(quiet, stream, way):
    """With the proxy's keep-alives alone, and with nothing at all."""
    quiet.join(QUIET_SECONDS + 2 * SECONDS)
    seconds, said = quiet.heard[stream, way]
    assert seconds >= QUIET_SECONDS
    assert said == (b"data: spoken\n\n" if stream == "silent" else None)
