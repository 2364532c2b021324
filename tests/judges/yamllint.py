"""yamllint over what is rendered: its relaxed rules. Images with digests and queries make long lines, which nothing can break."""

from pathlib import Path

from yamllint import linter
from yamllint.config import YamlLintConfig

CONFIG = YamlLintConfig(
    "{extends: relaxed, rules: {line-length: disable, key-duplicates: enable, truthy: enable, octal-values: enable}}"
)


def complaints(directory: Path) -> list[str]:
    """What it finds in the manifests of `directory`; nothing looked at is a complaint, too."""
    files = sorted(directory.glob("*.yaml"))
    told = [f"{path.name}: {fault}" for path in files for fault in faults(path.read_text("utf-8"))]
    return told if files else ["nothing was looked at"]


def faults(text: str) -> list[str]:
    """What it finds in one document."""
    return [f"{one.line}:{one.column} {one.desc}" for one in linter.run(text, CONFIG)]
