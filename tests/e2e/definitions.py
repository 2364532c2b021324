"""Definitions of the kinds that others bring: the Gateway API, KEDA, External Secrets and whatever else a stack may use."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.api import Api
from tests.e2e.cluster import Cluster
from tests.e2e.once import once
from tests.judges.schemas import definitions

EXTENSIONS, DEFINITION = "apiextensions.k8s.io/v1", "CustomResourceDefinition"

MARK = "e2e-definitions"
"""ConfigMap that says what an earlier run has installed."""

SERVED_SECONDS = 30


class Loader(yaml.CSafeLoader):
    """Takes `=` for a text, as YAML 1.2 and Kubernetes do; an enumeration of prometheus-operator has it."""


Loader.add_constructor("tag:yaml.org,2002:value", yaml.CSafeLoader.construct_yaml_str)


@contextmanager
def installed(cluster: Cluster, api: Api, work: Path) -> Iterator[None]:
    """All of them. A cluster of our own keeps them, and gets them once; from one that was given, what was added goes again."""
    if cluster.given:
        before = names(api)
        install(api)
        yield
        api.delete(*(api.path(EXTENSIONS, DEFINITION, name=name) for name in names(api) - before))
        return
    once(f"definitions-{cluster.name}", lambda: kept(cluster, api, work))
    yield


def kept(cluster: Cluster, api: Api, work: Path) -> str:
    """Installs what an earlier run has not; the digest of what is there then."""
    cluster.command("crds", "--dir", str(work))
    texts = [*(path.read_text("utf-8") for path in sorted(work.glob("*.yaml"))), *definitions()]
    digest = hashlib.sha256("".join(texts).encode()).hexdigest()
    said = (api.get(f"/api/v1/namespaces/default/configmaps/{MARK}") or {}).get("data", {})
    if said.get("digest") != digest or not set(said["names"].split()) <= names(api):
        cluster.command("crds")
        install(api)
        data = {"digest": digest, "names": " ".join(sorted(names(api)))}
        mark = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": MARK, "namespace": "default"}, "data": data}
        api.apply(mark, "e2e-crds", force=True)
    return digest


def install(api: Api) -> None:
    """Those by which manifests are judged, and which are not there; returns when all that the API server has are served."""
    there = names(api)
    for text in definitions():
        for document in yaml.load_all(text, Loader):
            if document and document.get("kind") == DEFINITION and document["metadata"]["name"] not in there:
                api.apply(document, "e2e-crds", force=True)
                there.add(document["metadata"]["name"])
    for name in names(api):
        api.wait(api.path(EXTENSIONS, DEFINITION, name=name), is_served, SERVED_SECONDS, "to be served")


def names(api: Api) -> set[str]:
    return {one["metadata"]["name"] for one in api.list(EXTENSIONS, DEFINITION)}


def is_served(definition: Mapping[str, Any]) -> bool:
    return any(
        one["type"] == "Established" and one["status"] == "True" for one in definition.get("status", {}).get("conditions", [])
    )
