"""What restarts pods when a value changes in its store."""

import pytest

from mcp_stack.manifests.rotation import INFISICAL
from tests.manifests.test_stores import stack
from tests.spec.stores import store


def annotations(made, name):
    return made.one("Deployment", name)["metadata"]["annotations"]


@pytest.mark.parity("stack.secret-rotation")
def test_reloader_is_told_of_exactly_the_secrets_that_are_read_at_the_start(render):
    beside = {
        "secrets.theirs": {"existing": "theirs", "key": "a"},
        "secrets.keys": {"store": "one", "remote": {"key": "keys"}},
        "gateway": {"authentication": {"api_keys": {"secret": "keys"}}, "restart": "reloader"},
        "servers.web.env": {"T": {"secret": "kept"}, "U": {"secret": "theirs"}, "V": {"secret": "token"}},
        "servers.far.env": {"TOKEN": {"secret": "theirs"}},
    }
    made = render(stack(store("fake"), **beside))
    assert annotations(made, "test-web")["secret.reloader.stakater.com/reload"] == "test-shared.kept,theirs"
    assert annotations(made, "test-gateway")["secret.reloader.stakater.com/reload"] == "theirs", "the file of keys is followed"
    assert "mcp-stack/secrets-checksum" in made.one("Deployment", "test-web")["spec"]["template"]["metadata"]["annotations"]


@pytest.mark.parity("stack.secret-rotation")
def test_infisicals_operator_restarts_what_reads_its_secrets(render):
    made = render(stack(store("infisical_operator"), **{"servers.web.restart": "infisical"}))
    assert annotations(made, "test-web")["secrets.infisical.com/auto-reload"] == "true"


def test_who_reads_its_files_again_is_not_restarted(render):
    beside = {"servers.web.env": {}, "servers.web.files": {"/run/s/t": {"secret": "kept"}}, "servers.web.restart": "rereads"}
    made = render(stack(store("fake"), **beside))
    assert set(annotations(made, "test-web")) == {"owner"}
    (volume,) = [one for one in made.pod("test-web")["volumes"] if "projected" in one]
    mounts = [one for one in made.container("test-web")["volumeMounts"] if one["name"] == volume["name"]]
    assert all("subPath" not in one for one in mounts), "a single file is never brought up to date"


@pytest.mark.parametrize("restart", ["reloader", "infisical"])
def test_an_inherited_way_marks_only_workloads_that_it_is_for(render, restart):
    own = store("infisical_operator")
    made = render(stack(own, **{"servers.web.restart": restart, "defaults": {"restart": restart}}))
    assert set(annotations(made, "test-box")) == {"owner"}, "box reads a Secret of ours alone"


@pytest.mark.parametrize(("backend", "restart"), [("fake", "reloader"), ("infisical_operator", "infisical")])
def test_a_server_with_volumes_of_its_own_is_restarted_likewise(render, backend, restart):
    storage = {"claims": {"data": {"path": "/data", "size": "1Gi"}}}
    made = render(stack(store(backend), **{"servers.web.storage": storage, "servers.web.restart": restart}))
    found = made.one("StatefulSet", "test-web")["metadata"]["annotations"]
    marks = {"reloader": ("secret.reloader.stakater.com/reload", "test-shared.kept"), "infisical": (INFISICAL, "true")}
    assert marks[restart] in found.items()


def test_what_a_container_before_the_server_reads_restarts_it(render):
    one = {"name": "one", "image": {"repository": "one", "tag": "1.0.0"}, "env_from": [{"secret": "set", "prefix": "S_"}]}
    beside = {"servers.web.init_containers": [one], "secrets.set": {"store": "one", "data": {"KEY": {"key": "a"}}}}
    made = render(stack(store("fake"), **beside))
    assert annotations(made, "test-web")["secret.reloader.stakater.com/reload"] == "test-shared.kept,test-shared.set"
    (container,) = made.pod("test-web")["initContainers"]
    assert container["envFrom"] == [{"prefix": "S_", "secretRef": {"name": "test-shared.set"}}]
