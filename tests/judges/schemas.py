"""Kubernetes' own schemas, strictly, for each supported version; a kind without a schema is a fault, not a shrug."""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from kubernetes_validate import utils

VERSIONS = ("1.35", "1.36", "1.37")
"""Supported Kubernetes minors: those that Kubernetes itself supports."""

CRDS = "MCP_STACK_CRDS"
"""Variable that names a directory with CustomResourceDefinitions; their schemas are then judges, too."""

BESIDE = Path(__file__).parents[3] / "shared" / "crds"
"""Where such definitions are looked for without the variable."""

BUILT_IN = {
    "": "v1",
    "apps": "v1",
    "autoscaling": "v2",
    "policy": "v1",
    "networking.k8s.io": "v1",
    "rbac.authorization.k8s.io": "v1",
    "batch": "v1",
}


def schema_faults(manifest: dict[str, Any], version: str) -> list[str]:
    """What the schemas of Kubernetes `version` say against `manifest`, which names no field that they do not know."""
    group = manifest["apiVersion"].rpartition("/")[0]
    if group in BUILT_IN:
        try:
            utils.validate(manifest, version, strict=True)
        except utils.ValidationError as fault:
            return [f"{'.'.join(map(str, fault.path))}: {fault.message}"]
        except utils.SchemaNotFoundError as fault:
            return [fault.message]
        return []
    found = custom_schemas(manifest["apiVersion"], manifest["kind"])
    if not found:
        return [f"no schema for {manifest['kind']} of {manifest['apiVersion']}; add one here, or name a directory in ${CRDS}"]
    return [fault for schema in found for fault in _faults(schema, manifest)]


def unjudged(manifest: dict[str, Any]) -> bool:
    """Whether it is of a kind that Kubernetes does not ship, and whose definition is not on this machine."""
    group = manifest["apiVersion"].rpartition("/")[0]
    return group not in BUILT_IN and not custom_schemas(manifest["apiVersion"], manifest["kind"])


def _faults(schema: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    for fault in jsonschema.Draft202012Validator(schema).iter_errors(manifest):
        yield f"{'.'.join(map(str, fault.path))}: {fault.message}"


@cache
def custom_schemas(version: str, kind: str) -> list[dict[str, Any]]:
    """Schemas of a kind that Kubernetes does not ship: ours, and that of the newest definition that is found."""
    documents = [yaml.safe_load((Path(__file__).parent / "httproute.yaml").read_text(encoding="utf-8"))]
    found = [schema for schema in documents if (version, kind) == ("gateway.networking.k8s.io/v1", "HTTPRoute")]
    for text in definitions():
        if re.search(rf"\bkind: {kind}\b", text):  # most are large, and of no interest
            for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
                for key, schema in definition_schemas(document):
                    if key == (version, kind):
                        return [*found, schema]
    return found


@cache
def definitions() -> list[str]:
    """Texts of the CustomResourceDefinitions beside the project, which are the newer ones, and in $MCP_STACK_CRDS."""
    directories = [BESIDE, *([Path(os.environ[CRDS])] if CRDS in os.environ else [])]
    return [path.read_text(encoding="utf-8") for directory in directories for path in sorted(directory.glob("*.yaml"))]


def definition_schemas(definition: Any) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """The served versions of a CustomResourceDefinition, made strict: unknown fields are refused, as `kubectl` does."""
    if not definition or definition.get("kind") != "CustomResourceDefinition":
        return
    spec = definition["spec"]
    for version in spec["versions"]:
        if version["served"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            yield (f"{spec['group']}/{version['name']}", spec["names"]["kind"]), schema


def strict(schema: Any) -> Any:
    """`schema` without room for fields that it does not name."""
    if isinstance(schema, list):
        return [strict(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(inner) for key, inner in schema.items()}
    closed = isinstance(made.get("properties"), dict) and "additionalProperties" not in made
    if closed and not made.get("x-kubernetes-preserve-unknown-fields"):
        made["additionalProperties"] = False
    return made


utils.schema_contents = cache(utils.schema_contents)  # it reads megabytes anew for every object
