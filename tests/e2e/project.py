"""A copy of a real project, in which a test may change the stack file and nothing else."""

import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from mcp_stack.preview.project import placeholder
from tests.judges.stacks import ROOT

KEY = "mcp-stack:stack"


class Copy:
    """`Pulumi.yaml`, stack files and program of a project in a directory of their own."""

    def __init__(self, source: Path, stack: str, target: Path) -> None:
        self.directory, self.stack = target, stack
        self.path = target / f"Pulumi.{stack}.yaml"
        if source == ROOT:
            target.mkdir()
            for path in [source / "__main__.py", *source.glob("Pulumi*.yaml"), *source.glob("*.lock")]:
                shutil.copy(path, target)
            (target / ".venv").symlink_to(sys.prefix)  # a released language host looks for it; ours does not
        else:
            shutil.copytree(source, target)
        self.secrets = self._take_ciphertexts()

    @property
    def data(self) -> dict[str, Any]:
        """What the stack file says."""
        return yaml.safe_load(self.path.read_text("utf-8"))["config"][KEY]

    def write(self, data: dict[str, Any]) -> None:
        """Puts `data` in the place of what the stack file says; keys beside it stay as they are."""
        document = yaml.safe_load(self.path.read_text("utf-8"))
        document["config"][KEY] = data
        self.path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")

    def as_stack(self, stack: str, config: dict[str, Any]) -> "Copy":
        """The same project with a stack file of the test's own, which is now the one that is read and written."""
        self.stack, self.path = stack, self.directory / f"Pulumi.{stack}.yaml"
        self.path.write_text(yaml.safe_dump({"config": config}, sort_keys=False), "utf-8")
        return self

    def _take_ciphertexts(self) -> dict[str, str]:
        """Secrets that only the owner's passphrase opens are to be set anew, to the values that `render` has for them."""
        document = yaml.safe_load(self.path.read_text("utf-8"))
        config = document["config"]
        secrets = {key: value["secure"] for key, value in config.items() if isinstance(value, dict) and set(value) == {"secure"}}
        if secrets:
            for key in secrets:
                del config[key]
            for key in ("encryptionsalt", "secretsprovider", "encryptedkey"):
                document.pop(key, None)
            self.path.write_text(yaml.safe_dump(document, sort_keys=False), "utf-8")
        return {key: placeholder(key, ciphertext) for key, ciphertext in secrets.items()}
