"""Objects as YAML, for people and for `kubectl apply`."""

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from ..spec.writing import write as write_yaml
from .errors import PreviewError
from .rendered import KubeObject
from .values import REDACTED, masked, revealed

LEDGER = ".mcp-stack-render"
"""Names the files that a rendering wrote, so that the next one may replace them and nothing else."""

_BUILT_IN = frozenset(
    {"", "apps", "batch", "autoscaling", "policy", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io"}
)
"""API groups whose kinds need no group to be told apart."""


def shown(item: KubeObject, *, secrets: bool = False) -> dict[str, Any]:
    """The manifest as plain data. Without `secrets` whatever is secret is redacted, and every value of a Secret is."""
    if secrets:
        return revealed(item.manifest)
    plain = masked(item.manifest)
    if item.kind == "Secret" and item.group == "":
        hidden = {"data": base64.b64encode(REDACTED.encode()).decode(), "stringData": REDACTED}
        for field, text in hidden.items():
            if isinstance(plain.get(field), Mapping):
                plain[field] = dict.fromkeys(cast("Mapping[str, Any]", plain[field]), text)
    return plain


def document(item: KubeObject, *, secrets: bool = False) -> str:
    """One object as YAML."""
    return write_yaml(shown(item, secrets=secrets))


def stream(items: Iterable[KubeObject], *, secrets: bool = False) -> str:
    """All objects as one stream of documents."""
    return "".join(f"---\n{document(item, secrets=secrets)}" for item in items)


def file_names(items: Iterable[KubeObject]) -> dict[str, KubeObject]:
    """Objects by file name. A name says kind, namespace and name, and stays the same when only a digest in the name changes."""
    found: dict[str, KubeObject] = {}
    for item in items:
        name = _file_name(item, item.base_name)
        if name in found:
            name = _file_name(item, item.name)
        if name in found:
            raise PreviewError(f"{item.title} is there twice: {found[name].urn} and {item.urn}")
        found[name] = item
    return found


def _file_name(item: KubeObject, name: str) -> str:
    kind = item.kind.lower() if item.group in _BUILT_IN else f"{item.kind.lower()}.{item.group}"
    return "_".join(filter(None, [kind, item.namespace, name])) + ".yaml"


def write(items: Iterable[KubeObject], directory: Path, *, secrets: bool = False) -> list[Path]:
    """One file per object in `directory`. Files of the rendering before are replaced or removed, others are left alone.

    PreviewError where a file that no rendering wrote has the name of one to write.
    """
    files = file_names(items)
    ledger = directory / LEDGER
    before = set(ledger.read_text(encoding="utf-8").splitlines()) if ledger.is_file() else set[str]()
    foreign = sorted(name for name in files if name not in before and (directory / name).exists())
    if foreign:
        raise PreviewError(
            f"{directory / foreign[0]} exists and was not written by render; move it, or render into another directory"
        )
    directory.mkdir(parents=True, exist_ok=True)
    for name in before - set(files):
        (directory / Path(name).name).unlink(missing_ok=True)
    for name, item in files.items():
        path = directory / name
        if secrets:
            path.touch(mode=0o600)
        path.write_text(document(item, secrets=secrets), encoding="utf-8")
    ledger.write_text("".join(f"{name}\n" for name in sorted(files)), encoding="utf-8")
    return [directory / name for name in files]
