"""Pods that somebody has thought about who may call them."""

from .model import Found, Policy, Program, Settings, selects
from .pods import pods_of
from .resources import Object, dig


def _guarded(item: Object, program: Program, settings: Settings) -> Found:
    pods = pods_of(item)
    if pods is None or item.partial or dig(pods.spec, "hostNetwork") is True:
        return
    policies = (one for one in program.of("NetworkPolicy") if one.namespace == item.namespace)
    if not any(selects(dig(one.manifest, "spec", "podSelector"), pods.labels) for one in policies):
        yield pods.path, "no NetworkPolicy of the program selects these pods, so whatever runs in the cluster may call them"


UNGUARDED_PODS = Policy(
    name="unguarded-pods",
    title="Every pod has a NetworkPolicy.",
    remedy="add one that says who may call it and what it may call, or exempt it where the namespace has one",
    check=_guarded,
    level="advisory",
    severity="medium",
    whole=True,
)
