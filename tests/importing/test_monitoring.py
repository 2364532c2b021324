"""The ServiceMonitor of the MPL proxy, as a stack says it."""

import json

import pytest
import yaml

from mcp_stack.importing import import_documents, stack_document
from mcp_stack_proxy.config import Source
from mcp_stack_proxy.config.load import document

from .samples import MPL

pytestmark = pytest.mark.parity("mpl.import")


def imported(data):
    found = import_documents([Source("file", json.dumps(data))], "staging")
    stack = yaml.safe_load(stack_document(found))["config"]["mcp-stack:stack"]
    return stack, {note.path: note.message for note in found.notes}


def test_a_service_monitor_is_monitoring():
    values = document(Source("file", MPL))
    stack, said = imported(values)
    times = {"interval_seconds": 15, "timeout_seconds": 5}
    monitoring = {"labels": {"release": "prometheus"}, "namespace": "metrics", **times}
    assert stack["monitoring"] == {**monitoring, "via": "pod-monitor"}
    assert "type NodePort would lead to the metrics from outside" in said["serviceMonitor.enabled"]
    stack, _ = imported({**values, "service": {"type": "ClusterIP", "port": 9444}})
    assert stack["monitoring"] == monitoring


@pytest.mark.parametrize(
    ("monitor", "monitoring", "place"),
    [
        ({"enabled": True}, {"labels": {}}, "labels"),
        ({"enabled": True, "interval": "1m"}, {"labels": {}, "interval_seconds": 60}, "labels"),
        ({"enabled": True, "interval": "5s"}, {"labels": {}, "interval_seconds": 5, "timeout_seconds": 5}, "labels"),
        ({"enabled": True, "interval": "soon"}, {"labels": {}}, "interval"),
        ({"enabled": False, "interval": "15s"}, None, "interval"),
    ],
)
def test_times_of_a_service_monitor(monitor, monitoring, place):
    values = {"transport": {"upstream": "http://mcp.example.com"}, "mpl": {"mode": "strict"}, "serviceMonitor": monitor}
    stack, said = imported(values)
    assert stack.get("monitoring") == monitoring
    assert f"serviceMonitor.{place}" in said
