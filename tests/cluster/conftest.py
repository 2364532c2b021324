"""A cluster that answers over HTTP, and the kubeconfig that leads to it."""

import pytest
import yaml

from tests.cluster.served import Cluster, kubeconfig, serving


@pytest.fixture
def cluster():
    return Cluster()


@pytest.fixture
def address(cluster):
    with serving(cluster) as url:
        yield url


@pytest.fixture
def config(address, tmp_path, monkeypatch):
    """The environment of whoever may log in."""
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kubeconfig(address)), "utf-8")
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path
