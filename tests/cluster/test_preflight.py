"""`pulumi up` on a cluster that lacks something: a preview warns, an update does not begin, and nobody else is asked."""

import json

import pulumi
import pytest

from mcp_stack import program
from mcp_stack.cluster.preflight import require
from mcp_stack.preview.engine import Settings, execute
from mcp_stack.spec import load_spec
from tests.cluster.test_prerequisites import STACK


@pytest.fixture
def spec():
    return load_spec(STACK, "staging")


@pytest.mark.parity("stack.prerequisites")
def test_an_update_does_not_begin_and_names_everything_that_the_cluster_would_refuse(spec, config):
    with pytest.raises(pulumi.RunError) as caught:
        require(spec, None, preview=False)
    heading, *lines = str(caught.value).splitlines()
    assert heading == "Pulumi.staging.yaml: the cluster lacks what the stack needs, and nothing was changed:"
    assert [line.partition(": ")[0].strip() for line in lines] == ["HTTPRoute gateway.networking.k8s.io/v1", "Namespace mcp"]


def test_a_preview_warns_of_everything(spec, config, capsys):
    require(spec, None, preview=True)
    shown = capsys.readouterr().err
    assert shown.count("Pulumi.staging.yaml: error: ") == 2
    assert shown.count("Pulumi.staging.yaml: warning: ") == 2


def test_what_only_waits_does_not_stop_an_update(spec, cluster, config, capsys):
    cluster.serve("gateway.networking.k8s.io", "v1", "HTTPRoute")
    cluster.hold("/api/v1/namespaces/mcp")
    require(spec, None, preview=False)
    assert "Secret mcp/ghcr: is not in the cluster" in capsys.readouterr().err


@pytest.mark.parametrize("preview", [True, False])
def test_a_cluster_that_cannot_be_asked_is_said_and_left_to_the_provider(preview, spec, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    require(spec, None, preview=preview)
    assert "whether the cluster has what the stack needs is not known: no current context in " in capsys.readouterr().err


def test_no_cluster_is_asked_where_no_engine_runs_the_program(cluster, config):
    settings = Settings("mcp-stack", "staging", {"mcp-stack:stack": json.dumps(STACK)})
    execute(program.main, settings)
    assert cluster.asked == []
