"""What a program knows only after deployment is nothing that a check can find missing, wrong, or the same as something else."""

import pytest

from mcp_stack.preview.checking import check_stack

BEGIN = """
from mcp_stack.autoscaling import Autoscaling
from mcp_stack.backup import Backup
from mcp_stack.exposure import Exposure
from mcp_stack.server import McpServer

PROXY = {"repository": "ghcr.io/acme/mcp-stack-proxy", "digest": "sha256:" + "b" * 64}
IMAGE = {"repository": "ghcr.io/acme/github-mcp", "tag": "1.4.2"}
tools = k8s.core.v1.Namespace("tools", metadata={"name": "tools"})
of = pulumi.StackReference("acme/base/prod").require_output
"""

PARENT = '"host": "a.example.com", "parent": {"name": of("gateway"), "namespace": of("gateways")}'


@pytest.mark.parametrize(
    "made",
    [
        'McpServer("a", {"namespace": "tools", "image": {"repository": of("repository"), "digest": of("digest")}})',
        'McpServer("a", {"namespace": "tools", "image": {"repository": "ghcr.io/acme/a", "tag": of("tag")}})',
        'McpServer("a", {"namespace": "tools", "image": IMAGE, "service_account": of("account")})',
        'McpServer("a", {"namespace": "tools", "image": IMAGE, "exposure": {' + PARENT + "}})",
        """
volume = {"path": "/d", "existing_claim": {"name": of("claim")}}
McpServer("a", {"namespace": "tools", "image": IMAGE, "volumes": {"d": volume}})
        """,
        'McpServer("a", {"namespace": of("namespace"), "image": IMAGE})',
        """
for space in ("one", "two"):
    McpServer(f"a-{space}", {"namespace": of(space), "server": "a", "image": IMAGE})
        """,
        """
for name in ("one", "two"):
    Autoscaling(name, {"namespace": "tools", "workload": of(name), "min": 2, "max": 5, "cpu": 70})
        """,
        'Exposure("e", {"namespace": "tools", "service": of("service"), "port": 80, ' + PARENT + "})",
        'Backup("b", {"namespace": "tools", "existing_claim": of("claim"), "image": PROXY, "size": "5Gi", "to": TO})',
    ],
)
def test_a_program_with_outputs_where_they_may_be_has_no_findings(project, made):
    made = made.replace("TO}", '{"s3": {"bucket": "acme-backups"}}}')
    assert [str(one) for one in check_stack(project(BEGIN + made), "dev")] == []


def test_what_is_known_beside_them_is_still_judged(project):
    made = """
later = {"repository": "ghcr.io/acme/a", "tag": of("tag")}
McpServer("a", {"namespace": "tools", "image": later, "env_from": [{"existing_secret": "gone"}]})
    """
    (found,) = check_stack(project(BEGIN + made), "dev")
    assert "Secret tools/gone is neither in the stack nor declared" in str(found)
