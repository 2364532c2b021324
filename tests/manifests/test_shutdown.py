import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.parity("aggregate.graceful-shutdown")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(pause=st.integers(3, 600), drain=st.floats(0.5, 600), own=st.integers(1, 3600))
def test_no_pod_is_killed_while_it_may_still_pause_and_finish(render, pause, drain, own):
    changes = {f"{place}.pause_seconds": pause for place in ("gateway", "servers.web", "servers.box")}
    rendered = render({**changes, "gateway.limits": {"drain_seconds": drain}, "servers.web.grace_seconds": own})
    for name, finish in (("test-gateway", drain), ("test-box", drain), ("test-web", own)):
        pod = rendered.pod(name)
        assert pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"] == pause
        assert pod["terminationGracePeriodSeconds"] >= pause + finish
