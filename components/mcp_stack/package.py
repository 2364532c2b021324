"""What the component package offers to Pulumi programs in every language, and the schema that they are given."""

import json
from pathlib import Path

import pulumi
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


def schema() -> str:
    """The package's schema as text: what `pulumi package get-schema` prints, and where a breaking change shows first."""
    provider = ComponentProvider(COMPONENTS, NAME, version=__version__)
    return json.dumps(json.loads(provider.schema or ""), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent.parent / "schema.json").write_text(schema(), encoding="utf-8")
