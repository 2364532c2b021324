"""YAML that every reader takes for the same: stack files that Pulumi reads, manifests that kubectl and controllers read."""

import re
from typing import Any

import yaml

_ELSEWHERE_NO_TEXT = re.compile(
    r"[yYnN]"  # booleans to yaml.v2, which kubectl uses
    r"|[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]+)?)"
)
"""Texts that PyYAML writes without quotes, and that a reader in Go takes for a boolean or a number: a tag `12e4567`, for one."""


class Dumper(yaml.CSafeDumper):
    """Block style, no aliases, long texts as they are read, and quotes round what is no text to some reader."""

    def ignore_aliases(self, data: Any) -> bool:
        """Whether `data` is written out wherever it stands: always."""
        return True


def _text(dumper: Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else "'" if _ELSEWHERE_NO_TEXT.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)  # pyright: ignore[reportUnknownMemberType]


Dumper.add_representer(str, _text)


def write(value: Any, width: int = 10_000) -> str:
    """`value` as one YAML document, keys in their own order."""
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=width)
