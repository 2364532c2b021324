"""One stack, evaluated and judged: what the program refuses is a finding like any other."""

import pytest

from mcp_stack.preview import NoSuchProject, NoSuchStack
from mcp_stack.preview.checking import check_stack
from mcp_stack.preview.checks import External

LAZY = """
metadata = {"name": "web", "namespace": "web"}
k8s.core.v1.Namespace("web", metadata={"name": "web"})
k8s.core.v1.Service("web", metadata=metadata, spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
"""


def lines(directory, stack="dev"):
    return [str(finding) for finding in check_stack(directory, stack)]


def test_a_fault_between_objects_is_a_finding(project):
    (line,) = lines(project(LAZY))
    assert line.startswith("error: Service web/web spec.selector: no pod of this namespace has the labels app=web")


def test_every_problem_of_a_stack_file_is_a_finding_of_its_own(project):
    program = "raise pulumi.RunError('Pulumi.dev.yaml: 2 problems\\n  servers.a.port: 0: too low\\n  the rest is missing')"
    assert lines(project(program)) == [
        "error: Pulumi.dev.yaml servers.a.port: 0: too low [spec]",
        "error: Pulumi.dev.yaml: the rest is missing [spec]",
    ]


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("1 / 0", "error: stack dev: __main__.py:3: ZeroDivisionError: division by zero [program]"),
        ("raise pulumi.RunError('')", "error: stack dev:  [program]"),
        (
            "pulumi.Config().require('name')",
            "error: stack dev: Missing required configuration variable 'shop:name' "
            "please set a value using the command `pulumi config set shop:name <value>` [program]",
        ),
    ],
)
def test_a_program_that_fails_is_a_finding_on_one_line(project, program, line):
    assert lines(project(program)) == [line]


DIGEST = "sha256:1241936d4dd3aad68fe7bfbdfe854b935926bc678fc72377e15166078916227a"
STACK = {
    "gateway": {"enabled": False},
    "secrets": {"token": {"existing": "tokens", "key": "a"}},
    "servers": {"clock": {"image": {"repository": "acme/clock", "digest": DIGEST}, "env": {"TOKEN": {"secret": "token"}}}},
}


def test_what_a_stack_file_declares_as_existing_is_not_missed(project):
    directory = project("from mcp_stack.program import main\nmain()", config={"shop:stack": STACK})
    assert lines(directory) == []


def test_a_key_of_that_name_in_another_program_declares_nothing(project):
    assert lines(project(config={"shop:stack": {"anything": 1}})) == []


ALONE = """
from mcp_stack.server import McpServer
options = pulumi.ResourceOptions(provider=k8s.Provider("cluster"))
image = {"repository": "ghcr.io/acme/clock", "digest": "DIGEST"}
McpServer("clock", {"namespace": "team", "image": image, "clients": [{"namespace": "agents"}]}, options)
""".replace("DIGEST", DIGEST)
NAMESPACE = External(frozenset({("Namespace", "", "team")}))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"policyTypes": ["Ingress", "Egress"]}, []),
        ({"ingress": [{}]}, ["NetworkPolicy team/theirs spec.ingress[0]"]),
        ({"policyTypes": ["Egress"], "egress": [{}]}, ["NetworkPolicy team/theirs spec.egress[0]"] * 2),
    ],
)
def test_a_component_in_somebody_elses_namespace_stays_as_closed_as_it_is(project, rule, expected):
    policy = {"metadata": {"name": "theirs", "namespace": "team"}, "spec": {"podSelector": {}, **rule}}
    program = f"{ALONE}k8s.networking.v1.NetworkPolicy('theirs', **{policy!r}, opts=options)"
    assert [f"{found.object} {found.path}" for found in check_stack(project(program), "dev", NAMESPACE)] == expected


def test_a_missing_value_of_the_stack_file_is_a_finding(project):
    directory = project()
    with (directory / "Pulumi.yaml").open("a", encoding="utf-8") as file:
        file.write("config: {name: {type: string}}\n")
    (line,) = lines(directory)
    assert "shop:name: required, but missing" in line


def test_warnings_and_what_nobody_can_see_here_are_told(project):
    program = """
    pulumi.log.warn("careful")
    k8s.helm.v3.Release("redis", chart="redis")
    """
    assert lines(project(program)) == [
        "warning: kubernetes:helm.sh/v3:Release redis: its objects are made by a plugin at deployment, "
        "so nothing here has judged them [unseen]",
        "warning: stack dev: careful [program]",
    ]


def test_a_notice_of_the_components_is_shown_and_fails_nothing(project):
    program = """
    from mcp_stack.exposure import Exposure

    k8s.core.v1.Service("web", metadata={"name": "web", "namespace": "mcp-dev"}, spec={"ports": [{"port": 80}]})
    Exposure("web", {"service": "web", "port": 80, "via": "ingress", "ingress_class": "nginx", "host": "web.example.com"})
    """
    (finding,) = [one for one in check_stack(project(program), "dev") if one.check == "spec"]
    assert str(finding).startswith("notice: Exposure 'web' ingress_class: ingress-nginx was retired in March 2026")
    assert not finding.fails


def test_without_project_or_stack_there_is_nothing_to_check(project, tmp_path):
    with pytest.raises(NoSuchStack):
        check_stack(project(), "live")
    with pytest.raises(NoSuchProject):
        check_stack(tmp_path / "nowhere", "dev")
