"""Small Pulumi projects on disk."""

import textwrap

import pytest
import yaml


@pytest.fixture
def project(tmp_path):
    """Writes a project and returns its directory; further calls write further stacks or replace what is there."""

    def write(program="", stack="dev", config=None, directory=tmp_path, **fields):
        directory.mkdir(parents=True, exist_ok=True)
        settings = {"name": "shop", "runtime": "python", **fields}
        (directory / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
        (directory / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config or {}}))
        (directory / "__main__.py").write_text("import pulumi\nimport pulumi_kubernetes as k8s\n" + textwrap.dedent(program))
        return directory

    return write
