"""JSON Schema of stack files, for completion and checks in editors."""

from typing import Any

from .stack import StackFile

KEY = "mcp-stack:stack"
"""Configuration key that holds the stack."""


def stack_file_schema() -> dict[str, Any]:
    """Schema (draft 2020-12) of `Pulumi.{stack}.yaml`: the stack below its key, whatever else Pulumi keeps beside it."""
    schema = StackFile.model_json_schema()
    definitions = schema.pop("$defs")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Stack file of mcp-stack",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": {
                    KEY: {"$ref": "#/$defs/StackFile"},
                    "mcp-stack:context": {"type": "string", "description": "Context of the kubeconfig to use."},
                },
                "required": [KEY],
            }
        },
        "$defs": {**definitions, "StackFile": schema},
    }
