"""`mcp-stack diagnose` and `mcp-stack check --cluster`, as they are typed."""

import json

import pytest

from mcp_stack import cli
from tests.judges.stacks import ROOT

POD = {
    "metadata": {"name": "staging-clock-1", "namespace": "mcp-staging", "uid": "p"},
    "spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}, {"name": "tmp"}]},
    "status": {"containerStatuses": [{"name": "clock", "ready": False, "state": {"waiting": {"reason": "InvalidImageName"}}}]},
}
NS = "/namespaces/mcp-staging"


def run(capsys, *arguments):
    code = cli.main([str(one) for one in arguments])
    return code, *capsys.readouterr()


@pytest.fixture
def deployed(cluster, config):
    """A stack with a pod that does not start, and objects of others beside it."""
    cluster.list(f"/api/v1{NS}/pods", POD)
    cluster.list(f"/apis/networking.k8s.io/v1{NS}/ingresses", {"metadata": {"name": "way"}, "spec": {"tls": [{"secretName": "t"}]}})
    cluster.list(
        f"/apis/gateway.networking.k8s.io/v1{NS}/gateways",
        {"metadata": {"name": "edge"}, "spec": {"listeners": [{"tls": {"certificateRefs": [{"name": "g"}]}}]}},
    )
    claims = [
        {"metadata": {"name": name, "namespace": "mcp-staging", "uid": name}, "spec": {}, "status": {"phase": "Lost"}}
        for name in ("data", "else")
    ]
    cluster.list(f"/api/v1{NS}/persistentvolumeclaims", *claims)
    label = {"app.kubernetes.io/instance": "staging"}
    certificates = [
        {"metadata": {"name": "t", "uid": "t"}, "spec": {"secretName": "t"}},
        {"metadata": {"name": "g", "uid": "g"}, "spec": {"secretName": "g"}},
        {"metadata": {"name": "own", "uid": "o", "labels": label}, "spec": {"secretName": "x"}},
        {
            "metadata": {"name": "else", "uid": "e", "labels": {**label, "app.kubernetes.io/instance": "other"}},
            "spec": {"secretName": "y"},
        },
    ]
    cluster.list(f"/apis/cert-manager.io/v1{NS}/certificates", *certificates)
    return cluster


@pytest.mark.parity("stack.diagnose")
def test_one_command_says_what_is_wrong_with_a_stack(deployed, capsys):
    code, out, err = run(capsys, "diagnose", "--project", ROOT, "--stack", "staging")
    assert code == 1
    titles = [line.partition(": ")[0] for line in out.splitlines() if not line.startswith("  ")]
    assert titles == [
        "PersistentVolumeClaim mcp-staging/data",
        "Pod mcp-staging/staging-clock-1/clock",
        "Certificate t",
        "Certificate g",
        "Certificate own",
        "Ingress way",
        "Gateway edge",
    ]
    assert out.count("\n  next: ") == len(titles)
    assert "stack staging in namespace mcp-staging of test (http://127.0.0.1:" in err
    assert err.endswith(": 7 findings, 7 objects seen\n")
    assert set(deployed.selectors) == {"app.kubernetes.io/instance=staging"}


def test_the_same_as_json(deployed, capsys):
    code, out, _ = run(capsys, "diagnose", "--project", ROOT, "--stack", "staging", "--format", "json")
    assert code == 1
    assert json.loads(out)[1]["condition"] == "InvalidImageName"
    assert set(json.loads(out)[0]) == {"object", "condition", "message", "next_step"}


def test_a_stack_without_a_fault_ends_well(cluster, config, capsys):
    cluster.list(f"/api/v1{NS}/pods", {"metadata": {"name": "good"}, "status": {"containerStatuses": []}})
    assert run(capsys, "diagnose", "--project", ROOT, "--stack", "staging")[:2] == (0, "")


def test_nothing_to_look_at_is_no_good_news(cluster, config, capsys):
    code, _, err = run(capsys, "diagnose", "--project", ROOT, "--stack", "staging", "--namespace", "elsewhere", "--context", "test")
    assert code == 2
    assert err.startswith("nothing of stack staging in namespace elsewhere of test ")


def test_a_stack_without_a_file_here_is_looked_for_in_its_usual_place(cluster, config, capsys, tmp_path):
    assert run(capsys, "diagnose", "--project", tmp_path, "--stack", "review")[0] == 2
    assert "/api/v1/namespaces/mcp-review/pods" in cluster.asked
    assert run(capsys, "diagnose", "--project", ROOT, "--stack", "nightly")[0] == 2
    assert "/api/v1/namespaces/mcp-nightly/pods" in cluster.asked


def test_what_the_account_may_not_look_at_is_said(deployed, capsys):
    deployed.forbidden.add(f"/api/v1{NS}/events")
    assert "warning: not looked at: events: " in run(capsys, "diagnose", "--project", ROOT, "--stack", "staging")[2]


@pytest.mark.parity("stack.ingress-tls", "stack.diagnose")
def test_a_certificate_that_an_ingress_names_is_looked_for_unless_somebody_makes_it(deployed, capsys):
    tls = [{"secretName": "t"}, {"secretName": "there"}, {"secretName": "corp"}, {}]
    deployed.list(f"/apis/networking.k8s.io/v1{NS}/ingresses", {"metadata": {"name": "way"}, "spec": {"tls": tls}})
    deployed.hold(f"/api/v1{NS}/secrets/there")
    out = run(capsys, "diagnose", "--project", ROOT, "--stack", "staging")[1]
    assert [line for line in out.splitlines() if "Secret '" in line] == ["Ingress way: no certificate: Secret 'corp' is not there"]
    deployed.forbidden.add(f"/api/v1{NS}/secrets/corp")
    _, out, err = run(capsys, "diagnose", "--project", ROOT, "--stack", "staging")
    assert "Secret '" not in out
    assert "warning: not looked at: secrets: " in err


@pytest.mark.parametrize("command", [("diagnose",), ("check", "--cluster")])
def test_a_cluster_that_cannot_be_asked_is_an_error(command, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    code, _, err = run(capsys, *command, "--project", ROOT, "--stack", "staging")
    assert code == 2
    assert "no current context in " in err


@pytest.mark.parity("stack.prerequisites")
def test_check_asks_the_cluster_where_it_is_told_to(cluster, config, capsys):
    code, out, _ = run(capsys, "check", "--project", ROOT, "--stack", "staging", "--cluster")
    assert code == 1
    assert "staging: error: HTTPRoute gateway.networking.k8s.io/v1: the cluster does not know this kind" in out
    cluster.asked.clear()
    run(capsys, "check", "--project", ROOT, "--stack", "staging")
    assert cluster.asked == []


def test_a_context_without_a_cluster_to_ask_does_nothing(capsys):
    assert (
        run(capsys, "check", "--project", ROOT, "--stack", "staging", "--context", "x")[2]
        == "--context does nothing without --cluster\n"
    )
