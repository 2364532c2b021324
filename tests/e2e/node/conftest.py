"""The image and keys of callers, for all tests on a real node."""

import pytest

from tests.e2e.images import image
from tests.e2e.node.pods import new_key, new_session_key
from tests.e2e.once import once


@pytest.fixture(scope="session")
def reference(cluster, tmp_path_factory):
    """The image by digest, on a cluster with a node."""
    cluster.up("all")
    return once("image", lambda: image(cluster, tmp_path_factory.mktemp("image")))


@pytest.fixture(scope="session")
def keys():
    """Keys of two callers with their entries, and the file of session keys."""
    return {"load": new_key(), "retired": new_key(), "sessions": new_session_key()}
