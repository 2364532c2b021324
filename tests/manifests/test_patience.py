"""A slow start is no failed rollout."""

import pytest

STORAGE = {"claims": {"data": {"path": "/data", "size": "1Gi"}}}
TIMEOUT = "pulumi.com/timeoutSeconds"


def startup(period, failures, delay=0):
    return {"startup": {"period_seconds": period, "failure_threshold": failures, "initial_delay_seconds": delay}}


def test_what_starts_in_the_usual_time_has_the_usual_deadline(render):
    for name in ("test-web", "test-box", "test-gateway"):
        one = render().one("Deployment", name)
        assert "progressDeadlineSeconds" not in one["spec"]
        assert TIMEOUT not in one["metadata"].get("annotations", {})


@pytest.mark.parametrize(("probes", "seconds"), [(startup(10, 90), 1200), (startup(5, 60, 60), 660)])
def test_a_server_that_may_load_for_long_is_not_called_failed_meanwhile(render, probes, seconds):
    one = render({"servers.web.probes": probes}).one("Deployment", "test-web")
    assert one["spec"]["progressDeadlineSeconds"] == seconds
    assert one["metadata"]["annotations"][TIMEOUT] == str(seconds)


def test_sidecars_start_before_it(render):
    side = {"name": "side", "image": {"repository": "side", "tag": "1.0.0"}, "sidecar": True}
    side["probes"] = {"startup": {"tcp_socket": {"port": 99}, "period_seconds": 10, "failure_threshold": 30}}
    one = render({"servers.web.init_containers": [side]}).one("Deployment", "test-web")
    assert one["spec"]["progressDeadlineSeconds"] == 900


def test_no_startup_probe_is_no_time(render):
    one = render({"servers.web.probes": {"startup": {"enabled": False}}}).one("Deployment", "test-web")
    assert "progressDeadlineSeconds" not in one["spec"]


def test_a_stateful_set_knows_no_deadline_but_is_waited_for(render):
    changes = {"servers.web.storage": STORAGE, "servers.web.probes": startup(10, 90)}
    one = render(changes).one("StatefulSet", "test-web")
    assert "progressDeadlineSeconds" not in one["spec"]
    assert one["metadata"]["annotations"][TIMEOUT] == "1200"
