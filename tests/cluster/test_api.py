"""Asking a cluster: which one, as whom, and what is said where it does not answer."""

import json
import sys

import pytest
import yaml

from mcp_stack.cluster import api as module
from mcp_stack.cluster.api import ClusterError, Refused, connect
from tests.cluster.served import TOKEN, kubeconfig


def written(path, data):
    path.write_text(yaml.safe_dump(data), "utf-8")
    return str(path)


def test_the_current_context_is_asked_with_its_token(cluster, config):
    with connect() as api:
        assert api.get("/version") == {"major": "1", "minor": "36"}
        assert api.get("/apis/keda.sh") is None
        assert api.where.startswith("test (http://127.0.0.1:")
    assert cluster.asked == ["/version", "/apis/keda.sh"]


def test_of_several_files_the_first_with_the_context_counts(address, tmp_path):
    other = written(tmp_path / "other", kubeconfig("http://127.0.0.1:1", "other"))
    mine = written(tmp_path / "mine", kubeconfig(address, "mine"))
    paths = {"KUBECONFIG": f"{tmp_path / 'absent'}:{other}:{mine}"}
    with connect("mine", paths) as api:
        assert api.get("/version") is not None
    with connect(None, paths) as api, pytest.raises(ClusterError, match=r"^other \(http://127.0.0.1:1\) does not answer: "):
        api.get("/version")


@pytest.mark.parametrize(
    ("context", "said"),
    [("nowhere", "no context 'nowhere' in .*kubeconfig; name one with --context"), (None, "no current context in ")],
)
def test_a_context_that_nobody_knows_is_told_with_the_files(context, said, tmp_path):
    data = {**kubeconfig("http://127.0.0.1:1"), "current-context": ""}
    with pytest.raises(ClusterError, match=said), connect(context, {"KUBECONFIG": written(tmp_path / "kubeconfig", data)}):
        pass


def test_a_file_that_is_none_is_told(tmp_path):
    with (
        pytest.raises(ClusterError, match="the kubeconfig cannot be read: "),
        connect(None, {"KUBECONFIG": written(tmp_path / "k", [1])}),
    ):
        pass


def test_a_file_that_is_no_yaml_is_told_without_what_stands_in_it(tmp_path):
    path = tmp_path / "k"
    path.write_text("users:\n- {token: s3cr3t\n")
    with pytest.raises(ClusterError) as caught, connect(None, {"KUBECONFIG": str(path)}):
        pass
    assert str(caught.value) == "the kubeconfig is no YAML, line 3"


def test_a_certificate_that_is_not_there_is_told(tmp_path):
    data = kubeconfig("https://127.0.0.1:1")
    data["clusters"][0]["cluster"]["certificate-authority"] = "absent.crt"
    with (
        pytest.raises(ClusterError, match="context 'test': cannot log in: "),
        connect(None, {"KUBECONFIG": written(tmp_path / "k", data)}),
    ):
        pass


def test_a_plugin_logs_in(address, tmp_path):
    token = json.dumps({"kind": "ExecCredential", "status": {"token": TOKEN}})
    plugin = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": sys.executable, "args": ["-c", f"print({token!r})"]}
    with connect(None, {"KUBECONFIG": written(tmp_path / "k", kubeconfig(address, user={"exec": plugin}))}) as api:
        assert api.get("/version") is not None


def test_a_plugin_that_fails_is_told(address, tmp_path):
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": sys.executable,
        "args": ["-c", "raise SystemExit(3)"],
    }
    environ = {"KUBECONFIG": written(tmp_path / "k", kubeconfig(address, user={"exec": plugin}))}
    with connect(None, environ) as api, pytest.raises(ClusterError, match=r"cannot log in: Exec .* returned 3"):
        api.get("/version")


def test_inside_a_pod_its_own_account_logs_in(address, tmp_path, monkeypatch):
    own = module.KubeConfig.from_dict(kubeconfig(address, "default"))
    monkeypatch.setattr(module, "SERVICE_ACCOUNT", str(tmp_path))
    monkeypatch.setattr(module.KubeConfig, "from_service_account", lambda: own)
    with connect(None, {"KUBECONFIG": str(tmp_path / "absent")}) as api:
        assert api.get("/version") is not None


def test_a_context_without_a_user_is_told(tmp_path):
    data = kubeconfig("http://127.0.0.1:1")
    del data["contexts"][0]["context"]["user"]
    with pytest.raises(ClusterError, match="names no user"), connect(None, {"KUBECONFIG": written(tmp_path / "k", data)}):
        pass


def test_what_the_account_may_not_know_is_told_apart(cluster, config):
    cluster.forbidden.add("/api/v1/secrets")
    with connect() as api, pytest.raises(Refused, match="is forbidden"):
        api.get("/api/v1/secrets")


@pytest.mark.parametrize("body", [b"<html>a login page</html>", b"[]"])
def test_what_is_no_answer_of_an_api_server_is_told(body, cluster, config):
    cluster.paths["/version"] = body
    with connect() as api, pytest.raises(ClusterError, match="/version: 200"):
        api.get("/version")


def test_a_long_list_is_read_to_its_end(cluster, config):
    cluster.paths["/api/v1/pods"] = {"metadata": {"continue": "more"}, "items": [{"name": "a"}]}
    cluster.paths["/api/v1/pods?continue=more"] = {"metadata": {}, "items": [{"name": "b"}]}
    with connect() as api:
        assert [one["name"] for one in api.items("/api/v1/pods")] == ["a", "b"]
        assert api.items("/apis/keda.sh/v1alpha1/scaledobjects?labelSelector=a") == []
