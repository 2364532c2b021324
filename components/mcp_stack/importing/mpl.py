"""Seed 000: values of the chart mpl-proxy, its `mpl-config.yaml`, and the `MPL_` variables."""

from typing import Any
from urllib.parse import urlsplit

from mcp_stack_proxy.config import ConfigError, Log, seconds_of, validate

from .client import TRUSTED
from .kubernetes import ALWAYS, autoscaling, certificate, given, peers, probe, resources, tolerations
from .literals import Needed, Vault
from .reading import Notes, Section, mapping

VARIABLES = {
    "MPL_LISTEN": ("transport", "listen"),
    "MPL_UPSTREAM": ("transport", "upstream"),
    "MPL_REGISTRY": ("mpl", "registry"),
    "MPL_MODE": ("mpl", "mode"),
    "MPL_PROFILE": ("mpl", "required_profile"),
    "MPL_ENFORCE_SCHEMA": ("mpl", "enforce_schema"),
    "MPL_ENFORCE_ASSERTIONS": ("mpl", "enforce_assertions"),
    "MPL_CONNECT_TIMEOUT_MS": ("transport", "connect_timeout_ms"),
    "MPL_REQUEST_TIMEOUT_MS": ("transport", "request_timeout_ms"),
    "MPL_METRICS_PORT": ("observability", "metrics_port"),
    "MPL_LOG_LEVEL": ("observability", "log_level"),
    "MPL_MAX_CONNECTIONS": ("limits", "max_connections"),
    "MPL_RATE_LIMIT": ("limits", "rate_limit_per_second"),
}
"""Variables -> section and key of the file that each overrides."""

UPSTREAM = "upstream"
NEVER = "it never worked: the proxy that it was for does not read it"


def mpl_stack(root: Section, vault: Vault, notes: Notes) -> dict[str, Any]:
    """The gateway in front of one server, whose tools keep their names."""
    transport, observability = root.section("transport"), root.section("observability")
    port, server = _transport(transport, root.section("mpl"))
    gateway = {"trust_network": True, **given(port=port)}
    metrics = observability.number("metricsPort") or observability.number("metrics_port")
    gateway |= given(management=given(port=metrics))
    gateway |= given(log=_log(observability))
    gateway |= _workload(root, port)
    _limits(root.section("limits"))
    exposure = _ingress(root.section("ingress"))
    policy = root.section("networkPolicy")
    _network(policy, gateway, server)
    stack = given(image=_image(root.section("image"), root), exposure=exposure[0])
    if exposure[1]:
        gateway["exposure"] = exposure[1]
        del gateway["trust_network"]
        gateway["authentication"] = {"api_keys": {"secret": "api-keys"}}
        vault.needed["api-keys"] = Needed("api-keys", "the file of keys that `mcp-stack-proxy new-key` writes")
        notes.add("", "who comes from outside shows a key now, which nobody had to: hand out keys, see `api-keys`")
    else:
        notes.add("", TRUSTED)
    _replicated(gateway, vault, notes)
    stack |= given(monitoring=_monitoring(root.section("serviceMonitor"), gateway))
    _rest(root)
    for section in (transport, observability, policy, root):
        section.close()
    return {**stack, "gateway": gateway, "servers": {UPSTREAM: server}}


def _log(section: Section) -> dict[str, Any]:
    """Level and form of the gateway's own log."""
    found: dict[str, Any] = {}
    for key, ours in (("logLevel", "level"), ("log_level", "level"), ("logFormat", "format"), ("log_format", "format")):
        value = section.text(key)
        if value is None:
            continue
        try:
            validate(Log, {ours: value}, key)
        except ConfigError:
            section.notes.add(section.at(key), f"left out: {value!r} is no {ours} of `gateway.log`; {NEVER}")
            continue
        found[ours] = value
        section.notes.add(section.at(key), f"{NEVER}; it is the gateway's now")
    return found


def _transport(section: Section, mpl: Section) -> tuple[int | None, dict[str, Any]]:
    listen, port = section.text("listen"), section.number("port")
    if listen is not None:
        _, _, after = listen.rpartition(":")
        port = int(after) if after.isdecimal() and len(after) < 6 else port
    address = mpl.text("upstream")
    if address is not None:
        section.notes.add(mpl.at("upstream"), "the chart ignores it; it is taken for `transport.upstream`")
    address = section.text("upstream") or address or ""
    if not address:
        section.notes.add(section.at("upstream"), "is empty, so the server is one that does not exist: give `servers.upstream.url`")
        address = "upstream.invalid"
    protocol = section.text("protocol")
    if protocol not in (None, "http"):
        section.notes.add(section.at("protocol"), f"left out: {protocol!r}; {NEVER}")
    url = address if "://" in address else f"http://{address}"
    parts = urlsplit(url)
    server: dict[str, Any] = {"url": url if parts.path not in ("", "/") else f"{url.rstrip('/')}/mcp", "namespace": ""}
    limits = {
        "connect_seconds": section.number("connect_timeout_ms"),
        "request_seconds": section.number("request_timeout_ms"),
        "exchange_seconds": section.number("idle_timeout_ms"),
    }
    server |= given(limits={key: value / 1000 for key, value in limits.items() if value})
    section.drop("max_retries", NEVER)
    section.drop("max_body_size", f"{NEVER}; `gateway.limits.max_body_bytes` is 4 MiB unless said")
    return port, server | _checks(mpl)


def _checks(section: Section) -> dict[str, Any]:
    mode = section.text("mode")
    schema = _either(section, "enforceSchema", "enforce_schema")
    for ours, theirs in (("requiredProfile", "required_profile"), ("registry", "registry")):
        for key in dict.fromkeys((ours, theirs)):
            section.drop(key, "there are no profiles and no registry of types: what is checked are the tools' own schemas")
    for key in ("enforceAssertions", "enforce_assertions"):
        section.drop(key, "there are no assertions; the flag was never read, either")
    for key in ("policyEngine", "policy_engine"):
        section.drop(key, NEVER)
    section.close()
    if schema is False:
        return {}
    checked = "enforce" if mode == "strict" else "observe"
    return {"validation": {"arguments": checked, "results": checked}}


def _either(section: Section, *keys: str) -> bool | None:
    found = [section.take(key) for key in keys]
    given_ = next((one for one in found if one is not None), None)
    return {"true": True, "false": False}.get(str(given_).lower())


def _workload(root: Section, port: int | None) -> dict[str, Any]:
    replicas, scaling = root.number("replicaCount"), autoscaling(root.section("autoscaling"))
    if scaling is not None and replicas is not None:
        root.notes.add(root.at("replicaCount"), f"left out: {replicas}, the autoscaler beside it decides")
    probes = root.section("probes")
    kinds = {kind: probes.section(kind) for kind in ("startup", "liveness", "readiness")}
    shown = {kind: {"enabled": False} if one.flag("enabled") is False else probe(one, port) for kind, one in kinds.items()}
    probes.close()
    service = root.section("service")
    own = service.number("port")
    service.drop("metricsPort", "metrics are on `gateway.management.port`, in the Service, too, where `monitoring` needs that")
    found = given(
        replicas=None if scaling else replicas,
        autoscaling=scaling,
        resources=resources(root.section("resources")),
        probes=given(**shown),
        service=given(type=service.text("type"), port=None if own == port else own, annotations=service.map("annotations")),
        node_selector=root.map("nodeSelector"),
        tolerations=tolerations(root, "tolerations"),
        annotations=_annotations(root),
        security=_security(root),
    )
    service.close()
    if found.get("service") == {"type": "ClusterIP"}:
        del found["service"]
    return found


def _annotations(root: Section) -> dict[str, str]:
    """Those for Prometheus are set by the stack, with the port that there is."""
    return {key: value for key, value in root.map("podAnnotations").items() if not key.startswith("prometheus.io/")}


def _security(root: Section) -> dict[str, Any]:
    container, pod = root.section("securityContext"), root.section("podSecurityContext")
    user = container.number("runAsUser") or pod.number("runAsUser")
    for section in (container, pod):
        for key in ("runAsUser", "runAsGroup", "fsGroup", "runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation"):
            section.drop(key, ALWAYS)
        for key in ("capabilities", "seccompProfile", "seLinuxOptions", "privileged"):
            section.drop(key, ALWAYS)
        section.close()
    return given(run_as_user=user)


def _limits(section: Section) -> None:
    for key in ("max_connections", "rate_limit_per_second", "burst_size", "max_pending_requests", "failure_threshold"):
        section.drop(key, f"{NEVER}; `servers.{UPSTREAM}.limits.max_concurrent` bounds the calls at a time")
    section.drop("recovery_time_ms", NEVER)
    section.close()


def _image(section: Section, root: Section) -> dict[str, Any]:
    for key in ("repository", "tag"):
        section.drop(key, "another proxy runs: `proxy.image` names it")
    policy = section.text("pullPolicy")
    section.close()
    return given(pull_policy=policy, pull_secrets=[str(one.text("name")) for one in root.sections("imagePullSecrets")])


def _ingress(section: Section) -> tuple[dict[str, Any], dict[str, Any]]:
    """How the stack exposes, and what of it is the gateway's own."""
    if section.flag("enabled") is not True:
        section.close("the Ingress beside it is off, so it does nothing")
        return {}, {}
    hosts = section.sections("hosts")
    secrets = [secret for one in section.sections("tls") if (secret := one.text("secretName"))]
    own: dict[str, Any] = {}
    for number, host in enumerate(hosts):
        name, paths = host.text("host"), host.sections("paths")
        if number:
            host.notes.add(host.path, f"left out: {name!r}; a workload has one host")
            continue
        first = paths[0].text("path") if paths else None
        own = given(host=name, path=None if first == "/" else first)
        for one in paths[1:]:
            one.notes.add(one.path, "left out: a workload has one path")
    for secret in secrets[1:]:
        section.notes.add(section.at("tls"), f"left out: {secret!r}; a host has one certificate")
    name = section.text("className")
    if name is None:
        section.notes.add(section.at("className"), "is empty; `nginx` is put in its place, say which it is")
    how = given(
        via="ingress",
        ingress_class=name or "nginx",
        tls=certificate(next(iter(secrets), None)),
        annotations=section.map("annotations"),
    )
    section.close()
    return how, own


def _network(section: Section, gateway: dict[str, Any], server: dict[str, Any]) -> None:
    """The stack's own policies deny by default, so that rules become callers and destinations."""
    if section.flag("enabled") is False:
        section.close("the policy beside it was off; a stack always has its own")
        return
    metrics = mapping(gateway.get("management")).get("port", 9100)
    for rule in section.sections("ingress"):
        ports, callers = _ports(rule), peers(rule, "from")
        rule.close()
        if ports == [metrics]:
            gateway.setdefault("management", {}).setdefault("scrapers", []).extend(callers)
        else:
            gateway.setdefault("clients", []).extend(callers)
    for rule in section.sections("egress"):
        ports = _ports(rule)
        server.setdefault("egress", []).extend({**peer, **given(ports=ports)} for peer in peers(rule, "to"))
        rule.close()
    if not server.get("egress"):
        server.pop("egress", None)


def _ports(rule: Section) -> list[int]:
    found: list[int] = []
    for one in rule.sections("ports"):
        number = one.number("port")
        one.take("protocol")
        one.close()
        found += [] if number is None else [number]
    return found


def _replicated(gateway: dict[str, Any], vault: Vault, notes: Notes) -> None:
    """Several replicas go on with each other's sessions, for which they need a key."""
    if gateway.get("replicas", 1) > 1 or "autoscaling" in gateway:
        vault.needed["session-keys"] = Needed("session-keys", "what `mcp-stack-proxy new-session-key` prints")
        gateway["sessions"] = {"keys": {"secret": "session-keys"}}
        notes.add("", "the gateway has several replicas, so it has `sessions`")


def _rest(root: Section) -> None:
    for key in ("nameOverride", "fullnameOverride"):
        root.drop(key, "names derive from the stack's name")
    root.drop("serviceAccount", "every workload has an account of its own, without rights")
    root.drop("affinity", "pods are spread over nodes and zones; `node_selector` and `tolerations` choose nodes")
    root.drop("routing", NEVER)


def _monitoring(section: Section, gateway: dict[str, Any]) -> dict[str, Any]:
    """The ServiceMonitor, and with it what else a stack has for Prometheus' operator."""
    if section.flag("enabled") is not True:
        section.close("the ServiceMonitor beside it is off, so it does nothing")
        return {}
    interval, timeout = _seconds(section, "interval"), _seconds(section, "scrapeTimeout")
    labels = section.map("labels")
    if not labels:
        section.notes.add(section.at("labels"), "is empty, so Prometheus has to take every monitor; else give what it selects by")
    kind = mapping(gateway.get("service")).get("type", "ClusterIP")
    acts = "acts now; the proxy that the chart was for had nothing on the port that it named"
    outside = f"{acts}. It is a PodMonitor, because a Service of type {kind} would lead to the metrics from outside"
    section.notes.add(section.at("enabled"), acts if kind == "ClusterIP" else outside)
    via = None if kind == "ClusterIP" else "pod-monitor"
    section.notes.add(
        "", "`monitoring` brings alerts and a dashboard: `alerts` and `dashboard` with `enabled: false` leave them out"
    )
    found = given(via=via, namespace=section.text("namespace"), interval_seconds=interval)
    found |= given(timeout_seconds=timeout or (interval if interval and interval < 10 else None))
    section.close()
    return {"labels": labels, **found}


def _seconds(section: Section, key: str) -> int | None:
    """A time as Prometheus has it, in whole seconds."""
    text = section.text(key)
    if text is None:
        return None
    try:
        return max(1, round(seconds_of(text)))
    except ValueError:
        section.notes.add(section.at(key), "left out: is no number with s, m or h; the stack's default holds")
        return None
