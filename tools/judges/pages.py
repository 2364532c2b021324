"""Kubernetes objects that the seeds' pages show, read from the pages themselves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import yaml

CHILDREN = {
    "": "apiVersion kind metadata spec data rules",
    "metadata": "name namespace labels annotations",
    "selector": "matchLabels",
    "template": "metadata spec",
    "spec": "replicas selector template containers volumes minAvailable podSelector policyTypes ingress egress endpoints",
    "containers": "name image command args ports env volumeMounts resources livenessProbe readinessProbe securityContext",
    "ports": "name containerPort protocol port",
    "volumeMounts": "name mountPath subPath readOnly",
    "volumes": "name configMap secret emptyDir",
    "configMap": "name",
    "resources": "limits requests",
    "limits": "cpu memory",
    "requests": "cpu memory",
    "livenessProbe": "httpGet initialDelaySeconds periodSeconds timeoutSeconds failureThreshold",
    "readinessProbe": "httpGet initialDelaySeconds periodSeconds timeoutSeconds failureThreshold",
    "httpGet": "path port",
    "ingress": "from ports",
    "egress": "to ports",
    "from": "podSelector namespaceSelector",
    "to": "podSelector namespaceSelector",
    "podSelector": "matchLabels",
    "namespaceSelector": "matchLabels",
    "endpoints": "port interval scrapeTimeout path",
    "rules": "apiGroups resources verbs",
}
"""Keys below a key: some pages have lost their indentation, and this is what says where a line belongs."""

FREE = {"labels", "annotations", "matchLabels", "data"}
"""Keys below which any name may stand."""

JUDGED = {
    "Deployment", "StatefulSet", "Service", "ConfigMap", "Secret", "Namespace", "NetworkPolicy", "PodDisruptionBudget", "Ingress",
    "HorizontalPodAutoscaler", "ClusterRole", "Role", "ServiceAccount",
}  # fmt: skip
"""Kinds of Kubernetes itself. The seeds' own kinds have no definition that could be had."""

_KEY = re.compile(r'(- )?([A-Za-z0-9_./"-]+):( .*)?$')


def objects(page: Path) -> list[dict[str, Any]]:
    """Objects of kinds that judges know, in the page's order; those that are cut off are left out."""
    found: list[dict[str, Any]] = []
    for block in _blocks(page.read_text(encoding="utf-8").splitlines()):
        text = "\n".join(block if any(line.startswith(" ") for line in block) else _nested(block))
        try:
            document = yaml.safe_load(text)
        except yaml.YAMLError:
            continue
        if isinstance(document, dict) and (one := cast("dict[str, Any]", document)).get("kind") in JUDGED:
            found.append(one)
    return found


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """From each `apiVersion:` to the line that no longer is YAML."""
    block: list[str] = []
    for line in [*lines, "---"]:
        if line.startswith(("apiVersion:", "---", "```")) or not _is_yaml(line):
            if block:
                yield block
            block = [line] if line.startswith("apiVersion:") else []
        elif block:
            block.append(line)


def _is_yaml(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith(("#", "- ", "{")) or _KEY.match(text) is not None


def _nested(lines: list[str]) -> list[str]:
    """`lines` with the indentation that the page has lost."""
    open_keys: list[tuple[str, int]] = [("", -2)]
    made: list[str] = []
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    for line, following in zip(kept, [*kept[1:], ""], strict=True):
        match, after = _KEY.match(line), _KEY.match(following)
        if match is None:
            made.append(" " * (open_keys[-1][1] + 4) + line)
            continue
        item, key, rest = match[1], match[2].strip('"'), (match[3] or "").strip()
        if open_keys[-1][0] == "|":
            if key in CHILDREN[""].split() or rest == "|":
                open_keys.pop()
            else:
                made.append(" " * (open_keys[-1][1] + 2) + line)
                continue
        while not _belongs(open_keys, key) or (item and after and not after[1] and _ambiguous(open_keys, after[2])):
            open_keys.pop()
        depth = open_keys[-1][1] + 2 + (2 if open_keys[-1][0] in LISTS and not item else 0)
        made.append(" " * depth + line)
        if not rest:
            open_keys.append((key, depth + (2 if item else 0)))
        elif rest == "|":
            open_keys.append(("|", depth))
    return made


LISTS = {"containers", "ports", "volumeMounts", "volumes", "ingress", "egress", "from", "to", "endpoints", "rules"}
"""Keys whose value is a list of mappings."""


def _ambiguous(open_keys: list[tuple[str, int]], following: str) -> bool:
    """Whether an item belongs further out, to judge by its second key: many things begin with a `name`."""
    around = [CHILDREN[name].split() for name, _ in reversed(open_keys) if name in LISTS]
    return following not in around[0] and any(following in keys for keys in around[1:]) if around else False


def _belongs(open_keys: list[tuple[str, int]], key: str) -> bool:
    name = open_keys[-1][0]
    if name in FREE:
        outer = next((CHILDREN[one].split() for one, _ in reversed(open_keys[:-1]) if one in CHILDREN), list[str]())
        return key not in outer and not any(key in CHILDREN[one].split() for one, _ in open_keys[:-1] if one in CHILDREN)
    return len(open_keys) == 1 or key in CHILDREN.get(name, "").split()
