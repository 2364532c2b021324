"""What the component package offers to Pulumi programs in every language, and the schema that they are given."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any, get_type_hints

import pulumi
from pulumi.provider.experimental import component
from pulumi.provider.experimental.analyzer import Analyzer, PropertyDefinition
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


class Shapes(Analyzer):
    """What arguments consist of, for values on their way in: each type once, without the texts under its keys.

    Pulumi's own reads each type wherever it is met, and parses its source for texts: ten times as long, at each start of a host,
    for a schema that is asked for when an SDK is made.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._known: dict[tuple[Any, ...], Any] = {}

    def analyze_type(self, typ: type, **how: Any) -> Any:
        """Properties of a type, and how their names are spelled."""
        asked = (typ, *how.items())
        if asked not in self._known:
            self._known[asked] = super().analyze_type(typ, **how)
        return self._known[asked]

    def get_docstring(self, typ: type, name: str) -> None:
        """Nothing: who constructs reads no documentation."""


class Package(ComponentProvider):
    """The components, with a schema that says what the models know."""

    def __init__(self) -> None:
        module: Any = component
        usual, module.Analyzer = module.Analyzer, Shapes  # the provider takes none from its caller
        try:
            super().__init__(COMPONENTS, NAME, version=__version__)
        finally:
            module.Analyzer = usual
        del self.schema  # one without texts; `schema` below takes its place

    @cached_property
    def schema(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]  # made when the first asks
        """The package's schema as JSON, with all texts."""
        arguments = {one.__name__: get_type_hints(one.__init__)["args"].__name__ for one in COMPONENTS}
        read = ComponentProvider(COMPONENTS, NAME, version=__version__)
        told: dict[str, Any] = refined(json.loads(read.schema or ""), arguments)
        told |= {"description": "Model Context Protocol servers on Kubernetes behind one gateway.", "license": "Apache-2.0"}
        told["language"]["nodejs"]["packageDescription"] = told["description"]
        told["keywords"] = ["kubernetes", "mcp", "model-context-protocol"]
        for language in ("nodejs", "python"):
            told["language"][language]["readme"] = README
        return json.dumps(told)

    def map_input_properties(
        self, inputs: pulumi.Inputs, properties: dict[str, PropertyDefinition], mapping: dict[str, str], component_name: str,
        property_path: str,
    ) -> pulumi.Inputs:  # fmt: skip
        """Arguments as the components take them, also where the analyser sees anything."""
        found = {**super().map_input_properties(inputs, properties, mapping, component_name, property_path)}
        return {**found, "env": variables_of(found["env"])} if "env" in found else found


def schema() -> str:
    """The package's schema as text: what `pulumi package get-schema` prints, and where a breaking change shows first."""
    return json.dumps(json.loads(Package().schema), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent.parent / "schema.json").write_text(schema(), encoding="utf-8")
