"""Alerts fire when they should, clear when it is over, and say what to do. Prometheus' own rule tester judges them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.manifests.promql import asked

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks.md"
INSTALLED = Path(__file__).parents[2] / ".cache" / "promtool" / "usr" / "bin" / "promtool"
PROMTOOL = os.environ.get("MCP_STACK_PROMTOOL") or shutil.which("promtool") or (str(INSTALLED) if INSTALLED.is_file() else None)
DEADLINE_SECONDS = 60

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool (Debian's package prometheus), nor $MCP_STACK_PROMTOOL")

TARGET = 'namespace="mcp-test",app_kubernetes_io_instance="test",app_kubernetes_io_name="gateway",pod="gateway-1"'
OTHER = TARGET.replace("gateway-1", "gateway-2")

BACKED_UP = {
    "servers.web.storage": {"claims": {"data": {"path": "/data", "size": "1Gi"}}},
    "servers.web.backup": {
        "schedule": "*/5 * * * *",
        "start_within_seconds": 60,
        "max_seconds": 60,
        "to": {"claim": {"size": "1Gi"}},
    },
}
"""A backup every five minutes: overdue after 67, an hour of which is for the change to summer."""


def rule(render, alerts=None):
    rendered = render({**BACKED_UP, "monitoring": {"labels": {"release": "prometheus"}, "alerts": alerts or {}}})
    return rendered.one("PrometheusRule", "test-shared")


def alerts(render, own=None):
    (group,) = rule(render, own)["spec"]["groups"]
    return {one["alert"]: one for one in group["rules"]}


def promtool(command, path):
    done = subprocess.run(
        [PROMTOOL, *command, path.name], cwd=path.parent, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
    )
    return done.returncode, done.stdout + done.stderr


@needs_promtool
def test_prometheus_takes_the_rules(render, tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(rule(render)["spec"]))
    code, output = promtool(["check", "rules"], path)
    assert code == 0, output


def counter(name, labels, values):
    return {"series": f"{name}{{{labels}}}", "values": values}


SERVER = f'{TARGET},server="web"'
CALLS = f'{SERVER},method="tools/call",tool="x"'
BACKUPS = 'namespace="mcp-test",cronjob="test-web-backup-data-0"'
CONNECTED, STATE, TOTAL = "mcp_proxy_upstream_connected", "mcp_proxy_child_state", "mcp_proxy_calls_total"

SCENES = {
    "MCPServerDead": (
        [
            counter(CONNECTED, SERVER, "1x4 0x11 1x20"),
            counter(TOTAL, f'{CALLS},outcome="upstream-unreachable"', "0x4 1+1x10 11x25"),
        ],
        {4: False, 14: True, 25: False},
    ),
    "MCPServerDead where its process has failed in every replica": (
        [
            counter(STATE, f'{SERVER},state="failed"', "0x4 1x10 0x20"),
            counter(STATE, f'{OTHER},server="web",state="failed"', "0x6 1x8 0x20"),
        ],
        {7: False, 12: True, 20: False},
    ),
    "MCPServerDegraded": (
        [counter(STATE, f'{SERVER},state="backing-off"', "0x4 1x10 0x20"), counter(STATE, f'{OTHER},server="web"', "0x40")],
        {4: False, 8: False, 12: True, 20: False},
    ),
    "MCPServerErrors": (
        [
            counter(TOTAL, f'{CALLS},outcome="ok"', "0+90x80"),
            counter(TOTAL, f'{CALLS},outcome="upstream-timeout"', "0x4 0+10x30 300x50"),
        ],
        {4: False, 30: True, 70: False},
    ),
    "MCPCallsSlow": (
        [
            counter("mcp_proxy_call_duration_seconds_bucket", f'{CALLS},le="10.0"', "0x80"),
            counter("mcp_proxy_call_duration_seconds_bucket", f'{CALLS},le="30.0"', "0x4 0+60x30 1800x50"),
            counter("mcp_proxy_call_duration_seconds_bucket", f'{CALLS},le="+Inf"', "0x4 0+60x30 1800x50"),
        ],
        {4: False, 30: True, 70: False},
    ),
    "MCPProxyDown": ([counter("up", TARGET, "1x4 0x10 1x20")], {4: False, 8: False, 12: True, 20: False}),
    "MCPMetricsMissing": ([counter("mcp_proxy_build_info", TARGET, "1x4 _x20 1x20")], {4: False, 22: True, 30: False}),
    "MCPProxyBusy": (
        [
            counter("mcp_proxy_event_loop_lag_seconds_bucket", f'{TARGET},le="0.25"', "0x80"),
            counter("mcp_proxy_event_loop_lag_seconds_bucket", f'{TARGET},le="0.5"', "0x4 0+240x30 7200x50"),
            counter("mcp_proxy_event_loop_lag_seconds_bucket", f'{TARGET},le="+Inf"', "0x4 0+240x30 7200x50"),
        ],
        {4: False, 30: True, 70: False},
    ),
    "MCPAuditLost": ([counter("mcp_proxy_audit_lost_total", TARGET, "0x4 7x60")], {4: False, 6: True, 40: False}),
    "MCPAuditNotWritten": (
        [counter("mcp_proxy_audit_write_failures_total", f'{TARGET},output="file"', "0x4 120+120x10 1320x30")],
        {4: False, 10: True, 30: False},
    ),
    "MCPListIncomplete": (
        [counter("mcp_proxy_list_failing", f'{SERVER},kind="tools"', "0x4 1x10 0x20")],
        {4: False, 8: False, 13: True, 20: False},
    ),
    "MCPProcessRestarts": ([counter("mcp_proxy_child_restarts_total", SERVER, "0x4 0+1x6 6x80")], {4: False, 12: True, 60: False}),
    "MCPRequestsRefused": (
        [counter("mcp_proxy_refused_requests_total", f'{TARGET},status="401"', "0x4 0+120x30 3600x50")],
        {4: False, 30: True, 70: False},
    ),
    "MCPBackupOverdue": (
        [
            counter("kube_cronjob_created", BACKUPS, "0x140"),
            counter("kube_cronjob_status_last_successful_time", BACKUPS, "0x80 4800x60"),
        ],
        {60: False, 75: True, 90: False},
    ),
    "MCPBackupOverdue where none has ever succeeded": (
        [
            counter("kube_cronjob_created", BACKUPS, "0x140"),
            counter("kube_cronjob_status_last_successful_time", BACKUPS, "_x80 4800x60"),
        ],
        {60: False, 75: True, 90: False},
    ),
}
"""What Prometheus sees, a sample a minute; and at which minute the alert fires or does not."""


@needs_promtool
@pytest.mark.parity("hangar.alerts")
@pytest.mark.parametrize("scene", SCENES)
def test_an_alert_fires_and_clears(render, tmp_path, scene):
    series, minutes = SCENES[scene]
    name = scene.split()[0]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rule(render)["spec"]))
    path = tmp_path / "test.yaml"
    samples = {
        "interval": "1m",
        "input_series": series,
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": "{}", "value": int(fires)}],
            }
            for minute, fires in minutes.items()
        ],
    }
    path.write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [samples]}))
    code, output = promtool(["test", "rules"], path)
    assert code == 0, output


def test_every_alert_has_a_scene(render):
    assert {scene.split()[0] for scene in SCENES} == set(alerts(render))


@pytest.mark.parity("hangar.alerts")
def test_the_two_of_the_seed_keep_their_names_times_and_severities(render):
    found = alerts(render)
    told = {name: (found[name]["for"], found[name]["labels"]["severity"]) for name in ("MCPServerDegraded", "MCPServerDead")}
    assert told == {"MCPServerDegraded": ("5m", "warning"), "MCPServerDead": ("2m", "critical")}
    assert all("{{ $labels.server }}" in found[name]["annotations"]["summary"] for name in told)


def test_each_alert_has_a_place_in_the_runbooks_and_each_place_an_alert(render):
    headings = re.findall(r"^## (\w+)$", RUNBOOKS.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == list(alerts(render))


def test_who_is_told_and_where_to_read_on_can_be_said(render):
    own = {"runbooks": "https://docs.example.com/runbooks.md", "labels": {"team": "tools"}}
    for name, one in alerts(render, own).items():
        assert one["annotations"]["runbook_url"] == f"https://docs.example.com/runbooks.md#{name.lower()}"
        assert one["labels"].keys() == {"team", "severity"}
    assert all("runbook_url" not in one["annotations"] for one in alerts(render).values())


def test_summaries_name_only_labels_that_the_alert_has(render):
    for name, one in alerts(render).items():
        named = set(re.findall(r"\$labels\.(\w+)", " ".join(one["annotations"].values())))
        kept = set.union(*(each.grouped or {"namespace", "pod"} for each in asked(one["expr"])))
        assert named <= kept, name


def test_thresholds_are_those_of_the_stack(render):
    found = alerts(render, {"error_percent": 12, "slow_seconds": 2.5})
    assert found["MCPServerErrors"]["expr"].endswith("> 12")
    assert found["MCPCallsSlow"]["expr"].endswith("> 2.5")
    assert "12 %" in found["MCPServerErrors"]["annotations"]["description"]


def test_alerts_and_dashboard_can_be_left_out(render):
    rendered = render({"monitoring": {"labels": {}, "alerts": {"enabled": False}, "dashboard": {"enabled": False}}})
    assert not rendered.has("PrometheusRule", "test-shared")
    assert not rendered.has("ConfigMap", "test-shared-dashboard")
    assert rendered.has("ServiceMonitor", "test-gateway")
