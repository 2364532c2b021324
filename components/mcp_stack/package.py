"""What the component package offers to Pulumi programs in every language, and the schema that they are given."""

import json
from pathlib import Path
from typing import Any, get_type_hints

import pulumi
from pulumi.provider.experimental.analyzer import PropertyDefinition
from pulumi.provider.experimental.component import ComponentProvider

from . import __version__
from .autoscaling import Autoscaling
from .backup import Backup
from .disruption import Disruption
from .exposure import Exposure
from .gateway import McpGateway
from .image import ImageBuild
from .monitoring import Monitoring
from .network import Network
from .proxy import McpProxy
from .secrets import SecretSync
from .server import McpServer
from .spec.refined import refined, variables_of
from .stack import McpStack

NAME = "mcp-stack"
"""Name of the package; with `:index:` and the class it makes each type token."""

COMPONENTS: list[type[pulumi.ComponentResource]] = [
    McpStack,
    McpServer,
    McpGateway,
    McpProxy,
    SecretSync,
    Exposure,
    Autoscaling,
    Disruption,
    Network,
    Backup,
    Monitoring,
    ImageBuild,
]


README = """\
# mcp-stack

Runs Model Context Protocol servers on Kubernetes, each as its own workload, behind one gateway.

- `McpStack`: servers, and the gateway in front of them
- `McpServer`, `McpGateway`, `McpProxy`: one of them, where a program says the rest
- `SecretSync`, `Exposure`, `Autoscaling`, `Disruption`, `Network`, `Monitoring`, `Backup`, `ImageBuild`: what stands round them,
  also for workloads of another kind

What is wrong is said in a preview, all at once, each with its place. Namespaces, images, names of others' objects, `url`, and what
goes into variables and secrets may be outputs of other resources; anything else has to be known.
"""


class Package(ComponentProvider):
    """The components, with a schema that says what the models know."""

    def __init__(self) -> None:
        super().__init__(COMPONENTS, NAME, version=__version__)
        arguments = {one.__name__: get_type_hints(one.__init__)["args"].__name__ for one in COMPONENTS}
        told: dict[str, Any] = refined(json.loads(self.schema or ""), arguments)
        told |= {"description": "Model Context Protocol servers on Kubernetes behind one gateway.", "license": "Apache-2.0"}
        told["language"]["nodejs"]["packageDescription"] = told["description"]
        told["keywords"] = ["kubernetes", "mcp", "model-context-protocol"]
        for language in ("nodejs", "python"):
            told["language"][language]["readme"] = README
        self.schema = json.dumps(told)

    def map_input_properties(
        self, inputs: pulumi.Inputs, properties: dict[str, PropertyDefinition], mapping: dict[str, str], component_name: str,
        property_path: str,
    ) -> pulumi.Inputs:  # fmt: skip
        """Arguments as the components take them, also where the analyser sees anything."""
        found = {**super().map_input_properties(inputs, properties, mapping, component_name, property_path)}
        return {**found, "env": variables_of(found["env"])} if "env" in found else found


def schema() -> str:
    """The package's schema as text: what `pulumi package get-schema` prints, and where a breaking change shows first."""
    return json.dumps(json.loads(Package().schema or ""), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent.parent / "schema.json").write_text(schema(), encoding="utf-8")
