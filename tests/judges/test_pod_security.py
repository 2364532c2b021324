"""The API server's own judge of pods: over every stack, and beside our check, which says the same without it."""

import pytest

from mcp_stack.preview.rendered import KubeObject
from tests.judges import pod_security
from tests.judges.schemas import VERSIONS
from tests.judges.stacks import NAMES, STACKS, rendered
from tests.preview.checks.sound import edited
from tests.preview.checks.test_pod_security import FAULTS

pytestmark = pytest.mark.skipif(
    pod_security.program() is None, reason="Pod Security Admission is not here: its library is built where Go is"
)
NEWEST = VERSIONS[-1]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("directory", "stack"), STACKS, ids=NAMES)
def test_pod_security_admission_takes_every_pod_as_restricted(directory, stack, version):
    assert pod_security.complaints(rendered(directory, stack).objects, version) == []


@pytest.mark.parametrize(("path", "value"), [fault[:2] for fault in FAULTS], ids=[place for _, _, place in FAULTS])
def test_what_our_check_refuses_the_api_server_refuses(path, value):
    (found,) = pod_security.complaints([KubeObject(one) for one in edited(("Deployment clock", path, value))], NEWEST)
    assert found.startswith("Deployment shop/clock: ")


def test_what_our_check_takes_the_api_server_takes():
    assert pod_security.complaints([KubeObject(one) for one in edited()], NEWEST) == []
