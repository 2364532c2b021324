"""What kube-linter's default checks say of workloads and no other judge here sees, after its documentation of checks.

The program itself is not used (docs/judges.md), so its rules for variables, probes and spreading stand here in their words.
"""

import re
from collections.abc import Iterator
from typing import Any

_SECRET = re.compile(r"secret", re.IGNORECASE)
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
_NODE = "kubernetes.io/hostname"


def complaints(objects: list[dict[str, Any]]) -> list[str]:
    """One line a finding, with the object's name and the check's."""
    return [f"{item['metadata']['name']}: {said}" for item in objects if _template(item) for said in _said(item)]


def _said(item: dict[str, Any]) -> Iterator[str]:
    spec = _template(item)["spec"]
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        for variable in container.get("env", []):
            if variable.get("value") and _SECRET.search(variable["name"]):
                yield f"env-var-secret: {variable['name']}"
    for container in spec["containers"]:
        yield from _probes(container)
    if item["spec"].get("replicas", 1) > 1 and not any(map(_apart, _terms(spec))):
        yield "no-anti-affinity"


def _probes(container: dict[str, Any]) -> Iterator[str]:
    ports = [port for port in container.get("ports", []) if port.get("protocol", "TCP") == "TCP"]
    opened = {port["containerPort"] for port in ports} | {port.get("name") for port in ports}
    for kind in _PROBES:
        probe = container.get(kind, {})
        for way in ("httpGet", "tcpSocket", "grpc"):
            if way in probe and probe[way]["port"] not in opened:
                yield f"{kind.removesuffix('Probe')}-port: {probe[way]['port']}"


def _terms(spec: dict[str, Any]) -> list[dict[str, Any]]:
    apart = spec.get("affinity", {}).get("podAntiAffinity", {})
    preferred = [one["podAffinityTerm"] for one in apart.get("preferredDuringSchedulingIgnoredDuringExecution", [])]
    return [*preferred, *apart.get("requiredDuringSchedulingIgnoredDuringExecution", [])]


def _apart(term: dict[str, Any]) -> bool:
    return term["topologyKey"] == _NODE


def _template(item: dict[str, Any]) -> dict[str, Any]:
    spec = item.get("spec", {})
    return spec.get("jobTemplate", {}).get("spec", spec).get("template", {}) if isinstance(spec, dict) else {}
