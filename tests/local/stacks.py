"""Stacks in memory, projects in temporary directories."""

from pathlib import Path

import yaml

from mcp_stack.spec import load_spec

PYTHON_SERVER = {"image": {"repository": "acme/units", "tag": "1.0.0"}, "local": {"command": ["python", "units.py", "${PORT}"]}}


def spec_of(servers, **stack):
    """A checked stack called `local`."""
    return load_spec({"servers": servers, **stack}, "local", cluster=False)


def write_project(directory: Path, servers, **stack):
    """A Pulumi project with one stack, `local`."""
    (directory / "Pulumi.yaml").write_text("name: acme\nruntime: python\n")
    document = {"config": {"acme:stack": {"servers": servers, **stack}}}
    (directory / "Pulumi.local.yaml").write_text(yaml.safe_dump(document))
    return directory
