"""From a directory and a stack's name to objects, or to one clear message."""

import pytest

from mcp_stack.preview import PreviewError, Secret, render
from mcp_stack.preview.values import masked


def test_a_program_runs_with_its_stacks_configuration(project):
    directory = project(
        """
        config = pulumi.Config()
        k8s.core.v1.ConfigMap("one", metadata={"name": config.require("name")}, data={"stack": pulumi.get_stack()})
        pulumi.export("project", pulumi.get_project())
        """,
        config={"shop:name": "first"},
    )
    found = render(directory, "dev")
    assert [item.title for item in found.objects] == ["ConfigMap first"]
    assert found.objects[0].plain["data"] == {"stack": "dev"}
    assert found.outputs == {"project": "shop"}


def test_the_cluster_of_this_machine_is_never_asked(project, monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nowhere"))
    (provider,) = render(project("k8s.Provider('cluster')"), "dev").resources
    assert provider.inputs == {}


def test_an_encrypted_secret_reaches_the_object_masked(project):
    directory = project(
        """
        token = pulumi.Config().require_secret("token")
        k8s.core.v1.Secret("tokens", metadata={"name": "tokens"}, string_data={"token": token})
        pulumi.export("token", token)
        """,
        config={"shop:token": {"secure": "v1:abc:def"}},
    )
    found = render(directory, "dev")
    assert isinstance(found.outputs["token"], Secret)
    assert masked(found.outputs) == {"token": "[secret]"}
    assert found.objects[0].plain["stringData"] == {"token": "[secret]"}


def test_the_program_may_be_a_file_or_lie_in_another_directory(project):
    directory = project(main="deploy/program.py")
    (directory / "deploy").mkdir()
    (directory / "deploy" / "names.py").write_text("NAME = 'x'")
    (directory / "deploy" / "program.py").write_text("import names, pulumi\npulumi.export('name', names.NAME)")
    assert render(directory, "dev").outputs == {"name": "x"}
    project(main="missing")
    with pytest.raises(PreviewError, match=r"Pulumi\.yaml: main: .* does not exist"):
        render(directory, "dev")


FAILURES = {
    "raise pulumi.RunError('Pulumi.dev.yaml: 1 problem\\n  servers: none')": "Pulumi.dev.yaml: 1 problem\n  servers: none",
    "pulumi.Config().require('name')": "Missing required configuration variable 'shop:name'\n"
    "\tplease set a value using the command `pulumi config set shop:name <value>`",
    "\nnumbers = {}\nnumbers['one']": "__main__.py:5: KeyError: 'one'",
    "import sys\nsys.exit(3)": "the program ended itself: 3",
    "import nothing_of_this_name": "__main__.py:3: ModuleNotFoundError: No module named 'nothing_of_this_name'",
    "def (": "SyntaxError",
}


@pytest.mark.parametrize(("program", "message"), FAILURES.items())
def test_a_failure_is_told_without_a_traceback(project, program, message):
    with pytest.raises(PreviewError) as refusal:
        render(project(program), "dev")
    assert message in str(refusal.value)
    assert "Traceback" not in str(refusal.value)


def test_a_configuration_error_of_the_product_passes_word_for_word(project):
    program = """
    from mcp_stack_proxy.config import ConfigError, Problem
    raise ConfigError("Pulumi.dev.yaml", [Problem("servers.a.port", "too high"), Problem("", "too many")])
    """
    with pytest.raises(PreviewError) as refusal:
        render(project(program), "dev")
    assert str(refusal.value) == "Pulumi.dev.yaml: 2 problems\n  servers.a.port: too high\n  too many"


def test_a_failure_within_an_output_names_the_programs_line(project):
    program = """
    def name(metadata):
        return {}["missing"]

    k8s.core.v1.ConfigMap("one", metadata={"name": "one"}).metadata.apply(name)
    """
    with pytest.raises(PreviewError, match=r"__main__\.py:5: KeyError: 'missing'"):
        render(project(program), "dev")
