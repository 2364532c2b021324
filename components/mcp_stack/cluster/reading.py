"""The objects of a stack, read from its cluster by our labels, with all that leads from them to a cause."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ..names import INSTANCE_LABEL
from ..preview.checks.cluster import dig, items
from ..preview.rendered import CLUSTER_SCOPED
from .api import Api, Refused
from .diagnosis import World

OURS = (
    ("", "v1", "pods", "Pod"),
    ("", "v1", "services", "Service"),
    ("apps", "v1", "deployments", "Deployment"),
    ("apps", "v1", "statefulsets", "StatefulSet"),
    ("batch", "v1", "cronjobs", "CronJob"),
    ("batch", "v1", "jobs", "Job"),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
    ("networking.k8s.io", "v1", "ingresses", "Ingress"),
    ("gateway.networking.k8s.io", "v1", "gateways", "Gateway"),
    ("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute"),
    ("keda.sh", "v1alpha1", "scaledobjects", "ScaledObject"),
    ("external-secrets.io", "v1", "externalsecrets", "ExternalSecret"),
    ("external-secrets.io", "v1", "secretstores", "SecretStore"),
    ("external-secrets.io", "v1", "clustersecretstores", "ClusterSecretStore"),
    ("secrets.infisical.com", "v1beta1", "infisicalstaticsecrets", "InfisicalStaticSecret"),
    ("secrets.infisical.com", "v1beta1", "infisicalauths", "InfisicalAuth"),
    ("secrets.infisical.com", "v1beta1", "infisicalconnections", "InfisicalConnection"),
)
"""Kinds whose objects carry the stack's label: group, version, plural, kind."""

BESIDE = (
    ("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim"),
    ("cert-manager.io", "v1", "certificates", "Certificate"),
    ("cert-manager.io", "v1", "certificaterequests", "CertificateRequest"),
    ("acme.cert-manager.io", "v1", "orders", "Order"),
    ("acme.cert-manager.io", "v1", "challenges", "Challenge"),
)
"""Kinds whose objects controllers make for ours, with labels of their own."""

EVENTS = ("", "v1", "events", "Event")

Plain = Mapping[str, Any]


def read_world(api: Api, stack: str, namespace: str) -> tuple[World, list[str]]:
    """What the cluster has of `stack` in `namespace`, and what the account may not look at. ClusterError where nothing answers."""
    refused: list[str] = []
    own = f"?labelSelector={quote(f'{INSTANCE_LABEL}={stack}')}"
    objects = [one for kind in OURS for one in _read(api, kind, namespace, own, refused)]
    beside = [one for kind in BESIDE for one in _read(api, kind, namespace, "", refused)]
    events = list(_read(api, EVENTS, namespace, "", refused))
    known = [*objects, *_related(stack, objects, beside)]
    return World(known, events, _absent(api, namespace, known, refused)), refused


def _read(api: Api, what: tuple[str, str, str, str], namespace: str, query: str, refused: list[str]) -> Iterator[Plain]:
    """Items of a list carry no kind of their own, so they are given it."""
    group, version, plural, kind = what
    root = f"/apis/{group}/{version}" if group else f"/api/{version}"
    within = "" if kind in CLUSTER_SCOPED else f"/namespaces/{quote(namespace)}"
    try:
        page = api.items(f"{root}{within}/{plural}{query}")
    except Refused as error:
        refused.append(f"{plural}: {error}")
        return
    yield from ({**one, "kind": kind} for one in page)


def _absent(api: Api, namespace: str, objects: Iterable[Plain], refused: list[str]) -> Iterator[str]:
    """Secrets of Ingresses that are not there, and that no Certificate will fill: controllers then show one of their own."""
    ours = list(objects)
    filled = {dig(one, "spec", "secretName") for one in ours if one["kind"] == "Certificate"}
    named = {dig(tls, "secretName") for one in ours if one["kind"] == "Ingress" for tls in items(one, "spec", "tls")}
    for name in sorted(str(one) for one in named - filled - {None}):
        try:
            if api.get(f"/api/v1/namespaces/{quote(namespace)}/secrets/{quote(name)}") is None:
                yield name
        except Refused as error:
            refused.append(f"secrets: {error}")
            return


def _related(stack: str, objects: Iterable[Plain], beside: Iterable[Plain]) -> Iterator[Plain]:
    """Of what stands beside a stack's objects what they use: claims of pods, certificates of hosts, and their chains."""
    ours, others = list(objects), list(beside)
    claims = {dig(volume, "persistentVolumeClaim", "claimName") for one in ours for volume in items(one, "spec", "volumes")}
    served = {dig(tls, "secretName") for one in ours for tls in items(one, "spec", "tls")}
    served |= {
        dig(ref, "name")
        for one in ours
        for listener in items(one, "spec", "listeners")
        for ref in items(listener, "tls", "certificateRefs")
    }
    known: set[str] = set()
    for one in others:
        kind, name = one["kind"], dig(one, "metadata", "name")
        labelled = dig(one, "metadata", "labels", INSTANCE_LABEL) == stack
        mine = (kind == "PersistentVolumeClaim" and name in claims) or (
            kind == "Certificate" and (labelled or dig(one, "spec", "secretName") in served)
        )
        made = any(dig(ref, "uid") in known for ref in items(one, "metadata", "ownerReferences"))
        if mine or made:
            known.add(str(dig(one, "metadata", "uid")))
            yield one
