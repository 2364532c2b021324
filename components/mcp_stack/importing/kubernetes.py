"""Pieces of Kubernetes objects in the values of charts: resources, probes, autoscalers, peers of a network policy."""

from collections.abc import Mapping
from typing import Any

from .reading import Section

ALWAYS = "every pod of a stack has it, or stricter; there is no key"

_TIMES = {
    "initialDelaySeconds": "initial_delay_seconds",
    "periodSeconds": "period_seconds",
    "timeoutSeconds": "timeout_seconds",
    "successThreshold": "success_threshold",
    "failureThreshold": "failure_threshold",
}


def given(**values: object) -> dict[str, Any]:
    """`values` without those that say nothing."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def certificate(secret: object) -> dict[str, str] | None:
    """The Secret of an Ingress's certificate, where one is named."""
    return {"secret": secret} if isinstance(secret, str) else None


def resources(section: Section) -> dict[str, Any]:
    """`requests` and `limits`."""
    found = given(requests=_amounts(section.section("requests")), limits=_amounts(section.section("limits")))
    section.close()
    return found


def _amounts(section: Section) -> dict[str, Any]:
    names = {"cpu": "cpu", "memory": "memory", "ephemeral-storage": "ephemeral_storage"}
    found = given(**{ours: section.text(theirs) for theirs, ours in names.items()})
    section.close("a stack knows cpu, memory and ephemeral-storage")
    return found


def probe(section: Section, port: int | None) -> dict[str, Any]:
    """One probe. `port` is the server's own, which needs no word."""
    found: dict[str, Any] = {}
    if section.has("httpGet"):
        get = section.section("httpGet")
        headers = {str(one.text("name")): one.text("value") for one in get.sections("httpHeaders")}
        other = _other_port(get, port)
        found["http_get"] = given(path=get.text("path"), port=other, scheme=_unless("HTTP", get.text("scheme")), headers=headers)
        get.close()
    if section.has("tcpSocket"):
        socket = section.section("tcpSocket")
        found["tcp_socket"] = given(port=_other_port(socket, port))
        socket.close()
    if section.has("exec"):
        run = section.section("exec")
        found["exec"] = run.texts("command")
        run.close()
    found |= given(**{ours: section.number(theirs) for theirs, ours in _TIMES.items()})
    section.close()
    return found


def _unless(usual: str, value: str | None) -> str | None:
    return None if value == usual else value


def _other_port(section: Section, own: int | None) -> int | None:
    """The port, unless it is the server's own. Of names, only those that the charts give to that one mean something."""
    port = section.text("port")
    if port in (None, "http", "proxy", str(own)):
        return None
    if port.isdecimal() and len(port) < 6:
        return int(port)
    section.notes.add(section.at("port"), f"left out: {port!r}; a stack's containers have no ports of that name, give the number")
    return None


def autoscaling(section: Section) -> dict[str, Any] | None:
    """An autoscaler, or None where it is switched off; `metrics` of CPU and memory, and `behavior`."""
    if section.flag("enabled") is not True:
        section.close("the autoscaler beside it is off, so it does nothing")
        return None
    found = given(
        min=section.number("minReplicas"),
        max=section.number("maxReplicas"),
        cpu=section.number("targetCPUUtilizationPercentage"),
        memory=section.number("targetMemoryUtilizationPercentage"),
    )
    for metric in section.sections("metrics"):
        found |= _metric(metric)
    behavior = section.section("behavior")
    found |= given(scale_up=_rules(behavior.section("scaleUp")), scale_down=_rules(behavior.section("scaleDown")))
    behavior.close()
    section.close()
    return found


def _metric(metric: Section) -> dict[str, Any]:
    kind, resource = metric.text("type"), metric.section("resource")
    name, target = resource.text("name"), resource.section("target")
    percent = target.number("averageUtilization")
    if kind == "Resource" and name in ("cpu", "memory") and percent is not None:
        target.take("type")
        for section in (target, resource, metric):
            section.close()
        return {name: percent}
    metric.notes.add(metric.path, "left out: of an autoscaler's metrics, percentages of requested cpu and memory are taken over")
    return {}


def _rules(section: Section) -> dict[str, Any]:
    policies = [
        given(type=one.text("type"), value=one.number("value"), period_seconds=one.number("periodSeconds"))
        for one in section.sections("policies")
    ]
    seconds = section.number("stabilizationWindowSeconds")
    found = given(select=section.text("selectPolicy"), policies=policies)
    section.close()
    return found if seconds is None else {"stabilization_seconds": seconds, **found}


def peers(rule: Section, key: str) -> list[dict[str, Any]]:
    """Who a rule of a network policy names under `from` or `to`."""
    found: list[dict[str, Any]] = []
    for peer in rule.sections(key):
        pods, namespace, block = (peer.section(name) for name in ("podSelector", "namespaceSelector", "ipBlock"))
        labels = namespace.map("matchLabels")
        name = labels.pop("kubernetes.io/metadata.name", None) or labels.pop("name", None)
        one = given(namespace=name, pods=pods.map("matchLabels"), cidr=block.text("cidr"), without=block.texts("except"))
        if labels:
            peer.notes.add(
                peer.path, f"namespaces are named, not selected: give `namespace` for the label {', '.join(sorted(labels))}"
            )
        for section in (pods, namespace, block, peer):
            section.close("a peer is named by a namespace, the labels of its pods, or a range of addresses")
        if one:
            found.append(one)
    return found


def tolerations(section: Section, key: str) -> list[dict[str, Any]]:
    """Taints that pods put up with."""
    found: list[dict[str, Any]] = []
    for one in section.sections(key):
        found.append(given(**{name: one.text(name) for name in ("key", "operator", "value", "effect")}))
        one.close()
    return found


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Values over values as Helm merges them: field by field, lists as a whole, `null` takes a key away."""
    result = dict(base)
    for key, value in over.items():
        inner = result.get(key)
        if value is None:
            result.pop(key, None)
        elif isinstance(inner, Mapping) and isinstance(value, Mapping):
            result[key] = merged(inner, value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            result[key] = value
    return result
