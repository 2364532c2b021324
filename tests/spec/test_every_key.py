"""No inert key: each leaf of the schema, changed alone, changes what is rendered."""

import copy
from types import NoneType
from typing import Annotated, get_args, get_origin

import pytest
from pydantic import BaseModel

from mcp_stack.manifests import manifests_for
from mcp_stack.spec import StackFile, load_spec
from mcp_stack.spec.gateway import GatewaySpec
from mcp_stack.spec.server import INHERITED, KEYS_OF_KIND, ServerSpec
from mcp_stack_proxy.config import ConfigError
from tests.spec import synced
from tests.spec.stores import prepare

DIGEST, OTHER_DIGEST = "sha256:" + "a" * 64, "sha256:" + "b" * 64

BASE = {
    "domain": "example.com",
    "proxy": {"image": {"repository": "proxy", "tag": "1.0.0"}},
    "image": {"registry": "ghcr.io/acme"},
    "exposure": {"parent": {"name": "public", "namespace": "edge"}},
    "secrets": {"token": {"config": "token"}},
    "gateway": {"trust_network": True},
    "servers": {
        "image": {"image": {"repository": "acme/image", "tag": "1.0.0"}},
        "command": {"command": ["run", "${TOKEN}"], "env": {"TOKEN": {"secret": "token"}}},
        "url": {
            "url": "https://mcp.example.org/mcp",
            "headers": {"Authorization": "${TOKEN}"},
            "env": {"TOKEN": {"secret": "token"}},
        },
    },
}
"""A server of each kind."""

VALUES = {
    **synced.VALUES,
    "environment": ("one", "two"),
    "domain": ("a.example", "b.example"),
    "enabled": (True, False),
    "name": ("one", "two"),
    "create": (True, False),
    "labels": ({"team": "a"}, {"team": "b"}),
    "annotations": ({"note": "a"}, {"note": "b"}),
    "registry": ("one.example", "two.example"),
    "pull_policy": ("Always", "Never"),
    "pull_secrets": (["one"], ["two"]),
    "versioning": ("tag", "digest"),
    "repository": ("acme/one", "acme/two"),
    "tag": ("1.0.1", "1.0.2"),
    "digest": (DIGEST, OTHER_DIGEST),
    "config": ("one", "two"),
    "existing": ("one", "two"),
    "key": ("one", "two"),
    "via": ("gateway-api", "ingress"),
    "namespace": ("one", "two"),
    "listener": ("http", "https"),
    "ingress_class": ("nginx", "traefik"),
    "controller": ("traefik", "contour"),
    **dict.fromkeys(("tls.secret", "secret_namespace", "issuer", "cluster_issuer", "gateway_class"), ("one", "two")),
    "wildcard": (True, False),
    "idle_seconds": (100, 200),
    "affinity": ("cookie", "client-ip"),
    "origins": (["https://a.example"], ["https://b.example"]),
    "rate_limit.requests": (11, 12),
    "per": ("second", "minute"),
    "by": ("client", "everyone"),
    "host_pattern": ("{server}.{domain}", "x-{server}.{domain}"),
    "aliases": (["a.example"], ["b.example"]),
    "rewrite": ("/one", "/two"),
    "controller_namespaces": (["one"], ["two"]),
    "host": ("a.example", "b.example"),
    "path": ("/one", "/two"),
    "port": (8101, 8102),
    "port_name": ("http", "mcp"),
    "replicas": (4, 5),
    "min": (4, 5),
    "max": (8, 9),
    "cpu": (50, 60),
    "memory": (50, 60),
    "resources.requests.cpu": ("10m", "20m"),
    "resources.requests.memory": ("10Mi", "20Mi"),
    "resources.limits.cpu": ("3", "4"),
    "resources.limits.memory": ("3Gi", "4Gi"),
    "ephemeral_storage": ("1Gi", "2Gi"),
    "stabilization_seconds": (10, 20),
    "select": ("Max", "Min"),
    "policies.0.type": ("Pods", "Percent"),
    "value": (1, 2),
    "tolerations.0.value": ("one", "two"),
    "tolerations.0.key": ("one", "two"),
    "tolerations.0.operator": ("Exists", "Equal"),
    "operator": ("In", "NotIn"),
    "values": (["one"], ["two"]),
    "weight": (1, 2),
    "topology_key": ("one", "two"),
    "match_labels": ({"app": "one"}, {"app": "two"}),
    "namespaces": (["one"], ["two"]),
    "match_label_keys": (["one"], ["two"]),
    "mismatch_label_keys": (["one"], ["two"]),
    "over": (["one"], ["two"]),
    "max_skew": (2, 3),
    "required": (True, False),
    "priority_class": ("one", "two"),
    "runtime_class": ("one", "two"),
    "user_namespace": (True, False),
    "pause_seconds": (7, 8),
    "toleration_seconds": (60, 70),
    "registries": ({"ghcr.io/acme": ["one"]}, {"ghcr.io/acme": ["two"]}),
    "constraint": ("^1.0.0", "^2.0.0"),
    "grpc.service": ("one", "two"),
    "size": ("1Gi", "2Gi"),
    "storage_class": ("one", "two"),
    "claims.*.access_mode": ("ReadWriteOnce", "ReadWriteMany"),
    "access_mode": ("ReadWriteOnce", "ReadOnlyMany"),
    "when_deleted": ("Retain", "Delete"),
    "when_scaled": ("Retain", "Delete"),
    "replicated": (True, False),
    "empty_dir.memory": (True, False),
    "items": ({"one": "a"}, {"one": "b"}),
    "audience": ("one", "two"),
    "expiration_seconds": (700, 800),
    "sidecar": (True, False),
    "mounts.*.volume": ("own", "other"),
    "mounts.*.read_only": (True, False),
    "volumes.*.read_only": (True, False),
    "effect": ("NoSchedule", "NoExecute"),
    "max_unavailable": (1, 2),
    "exec": (["one"], ["two"]),
    "scheme": ("HTTP", "HTTPS"),
    "headers": ({"X-One": "a"}, {"X-One": "b"}),
    "initial_delay_seconds": (0, 7),
    "period_seconds": (17, 18),
    "timeout_seconds": (11, 12),
    "success_threshold": (1, 2),
    "failure_threshold": (13, 14),
    "service.type": ("ClusterIP", "NodePort"),
    "session_affinity": ("None", "ClientIP"),
    "run_as_user": (20001, 20002),
    "read_only_root_filesystem": (True, False),
    "node_selector": ({"disk": "ssd"}, {"disk": "hdd"}),
    "cidr": ("8.8.8.0/24", "9.9.9.0/24"),
    "without": (["8.8.0.0/24"], ["8.8.1.0/24"]),
    "pods": ({"app": "one"}, {"app": "two"}),
    "ports": ([1001], [1002]),
    "internet": (True, False),
    "egress.0.api_server": (True, False),
    "addresses": (["10.1.0.53/32"], ["10.2.0.53/32"]),
    "cidrs": (["10.96.0.1/32"], ["10.97.0.1/32"]),
    **{f"{kind}.0.server": ("image", "command") for kind in ("egress", "tools", "prompts", "resources")},
    **dict.fromkeys(("title", "description", "tools.0.tool", "prompts.0.prompt", "resources.0.uri"), ("one", "two")),
    **{f"annotations.{hint}": (True, False) for hint in ("read_only", "destructive", "idempotent", "open_world")},
    "writable": (["/one"], ["/two"]),
    "command": (["one", "${TOKEN:-}"], ["two", "${TOKEN:-}"]),
    "args": (["one"], ["two"]),
    "env": ({"TOKEN": "one"}, {"TOKEN": "two"}),
    "url": ("https://one.example/mcp", "https://two.example/mcp"),
    "servers.url.headers": ({"Authorization": "a ${TOKEN}"}, {"Authorization": "b ${TOKEN}"}),
    "in_gateway": (True, False),
    "formerly": ("one", "two"),
    "existing_secret": ("one", "two"),
    "existing_config_map": ("one", "two"),
    "prefix": ("A_", "B_"),
    "content": ("one", "two"),
    "secret": ("token", "other"),
    "grace_seconds": (40, 50),
    "tools.allow": (["one"], ["two"]),
    "tools.deny": (["one"], ["two"]),
    "validation.arguments": ("observe", "enforce"),
    "validation.results": ("observe", "enforce"),
    "max_bytes": (1001, 1002),
    "max_depth": (11, 12),
    "idle_timeout": ("2m", "3m"),
    "min_idle_timeout": ("30s", "40s"),
    "max_idle_timeout": ("6m", "7m"),
    "max_starts": (3, 4),
    "start_window_seconds": (20.0, 30.0),
    "cool_down_seconds": (40.0, 50.0),
    "max_memory": ("100Mi", "110Mi"),
    "sharing": ("shared", "session"),
    "max_sessions": (2, 3),
    "max_concurrent": (1, 2),
    "max_queue": (3, 4),
    "queue_seconds": (5.0, 6.0),
    "trust_network": (True, False),
    "instructions": ("one", "two"),
    "allowed_hosts": (["a.example"], ["b.example"]),
    "allowed_origins": (["https://a.example"], ["https://b.example"]),
    "cli.help": ("-h", "help"),
    "cli.depth": (1, 3),
    "cli.subcommands": (["one"], ["two words"]),
    "options.allow": (["--one"], ["--two"]),
    "options.deny": (["--one"], ["--two"]),
    "presets.0.args": (["one"], ["${two}"]),
    "presets.0.description": ("one", "two"),
    "cli.prefix": ("one", ""),
    "read_only": (["one"], ["two"]),
    "end_of_options": ("--", "--end-of-options"),
    "joined_values": (True, False),
    "stdin": (True, False),
    "cli.timeout_seconds": (11.0, 12.0),
    "max_output_bytes": (1001, 1002),
    "concurrency": (2, 3),
    "max_body_bytes": (1001, 1002),
    "max_message_bytes": (1001, 1002),
    "scrapers": ([{"namespace": "one"}], [{"namespace": "two"}]),
    "tools_per_server": (11, 12),
    "audit.arguments": ("digest", "full"),
    "flush_seconds": (1.0, 2.0),
    "buffer_bytes": (100001, 100002),
    "max_parked_calls": (1001, 1002),
    "calls": (7, 8),
    "calls_metric": ("one", "two"),
    "polling_seconds": (20, 40),
    "failures": (4, 5),
    "fallback.behavior": ("static", "currentReplicas"),
    "monitoring.via": ("service-monitor", "pod-monitor"),
    "interval_seconds": (15, 60),
    "monitoring.timeout_seconds": (5, 6),
    "runbooks": ("https://one.example/runbooks", "https://two.example/runbooks"),
    "error_percent": (1, 2),
    "slow_seconds": (1.5, 2.5),
    "folder": ("one", "two"),
    "address": ("http://one.example", "http://two.example"),
    "max_parked_calls_per_caller": (101, 102),
    **{f"{what}_seconds": (61.0, 62.0) for what in ("connect", "exchange", "request", "input", "discovery", "catalog", "drain")},
}
"""Two valid values for each key: by its last name, or by as many names as are needed to tell."""

LOCAL = {"local.command", "local.port"}
"""Keys for the run on this machine, which renders nothing: see tests/local/test_plan.py."""

REFUSED = {
    "image.autoscaling.calls_metric": "its pods do not count calls",
    "startup.success_threshold": "can only be 1",
    "liveness.success_threshold": "can only be 1",
    "url.egress.0.server": "does nothing",
    "match_fields.0.key": "metadata.name",
    **{
        f"{place}.probes.{kind}.grpc.{key}": "speaks HTTP only"
        for place in ("gateway", "servers.command")
        for kind in ("startup", "readiness", "liveness")
        for key in ("port", "service")
    },
    **{f"init_containers.0.probes.{kind}.enabled": "does nothing" for kind in ("startup", "readiness", "liveness")},
}
"""Keys that a shared part of the schema has, and that are refused at one place."""

REFUSALS = ("image.versioning", "image.constraint", "storage.replicated")
"""Keys that act by refusing."""


def leaves(model, path=()):
    """Every path of `model` that holds a value rather than further keys."""
    for name, field in model.model_fields.items():
        yield from _below(field.annotation, (*path, name))


def _below(annotation, path):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from leaves(annotation, path)
        return
    origin, arguments = get_origin(annotation), get_args(annotation)
    inner = [one for one in arguments if one is not NoneType]
    if origin is Annotated or (len(inner) == 1 and origin not in (list, dict) and len(arguments) == 2):
        yield from _below(inner[0], path)
    elif origin is list and _is_model(inner[0]):
        yield from leaves(inner[0], (*path, "0"))
    elif origin is dict and _is_model(inner[1]):
        yield from leaves(inner[1], (*path, "*"))
    else:
        yield path


def _is_model(annotation):
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def every_path():
    """Leaves of the whole schema; those of a server once for each kind that takes the key."""
    for path in leaves(StackFile):
        if path[:2] == ("servers", "*"):
            for kind, keys in KEYS_OF_KIND.items():
                if path[2] in keys and ".".join(path[2:]) not in LOCAL:
                    yield ("servers", kind, *path[2:])
        else:
            yield path


def test_the_walk_reaches_every_model():
    paths = set(every_path())
    assert ("servers", "image", "probes", "readiness", "http_get", "path") in paths
    assert ("gateway", "limits", "drain_seconds") in paths
    assert ("servers", "url", "headers") in paths
    assert ("servers", "url", "replicas") not in paths
    assert ("gateway", "virtual_servers", "*", "tools", "0", "annotations", "read_only") in paths
    assert len(paths) > 400


def values_of(path):
    for start in range(len(path)):
        if (found := VALUES.get(".".join(path[start:]))) is not None:
            return found
    raise AssertionError(f"{'.'.join(path)}: give two values for it in VALUES")


def put(data, path, value):
    """Set `path` in `data`; a number stands for a list's element, None takes the key away."""
    *steps, last = path
    for step, following in zip(steps, path[1:], strict=True):
        empty = [] if following.isdigit() else {}
        data = data[int(step)] if isinstance(data, list) else data.setdefault(step, empty)
        if isinstance(data, list) and not data:
            data.append({})
    if isinstance(data, list):
        data[int(last)] = value
    else:
        data[last] = value


def concrete(path):
    """`*` by a name that fits the place."""
    names = {"virtual_servers": "support", "secrets": "token" if path[0] == "secrets" else "own", "files": "/run/files/one"}
    names |= {"volumes": "own", "claims": "own", "mounts": "/mounted", "secret_stores": "store", "data": "KEY"}
    return tuple(names[path[index - 1]] if step == "*" else step for index, step in enumerate(path))


def document(path, value, base=BASE):
    """A valid stack, grown from `base`, in which `path` has `value` and matters."""
    data, path = copy.deepcopy(base), concrete(path)
    admission(data, path)
    if path[0] == "secret_stores":
        prepare(data, path)
    elif synced.concerns(path):
        synced.prepare(data, path)
    else:
        before(data, path)
        api_server(data, path, value)
    put(data, path, value)
    if path[0] != "secret_stores" and not synced.concerns(path):
        after(data, path, value)
    else:
        synced.finish(data, path, value)
    return data


def at(data, path):
    """Mapping of the server, of the gateway or of the defaults that `path` is about; the whole stack otherwise."""
    if path[0] == "servers":
        return data["servers"][path[1]]
    return data.setdefault(path[0], {}) if path[0] in ("gateway", "defaults") else data


def admission(data, path):
    """Keys, and the statements that they replace."""
    if "authentication" in path:
        del data["gateway"]["trust_network"]
    if path == ("servers", "command", "trust_network"):
        data["gateway"] = {"authentication": {"api_keys": {"secret": "token"}}}
        data["servers"]["command"]["clients"] = [{"namespace": "agents"}]


def api_server(data, path, value):
    """Where the API server is, and somebody who calls it."""
    if "api_server" in path and value:
        data["network"] = {"api_server": {"cidrs": ["10.96.0.1/32"]}}
        data["servers"]["image"]["egress"] = [{"api_server": True}]


BESIDE = {
    "min_idle_timeout": ("idle_timeout", "adaptive"),
    "max_idle_timeout": ("idle_timeout", "adaptive"),
    "max_sessions": ("sharing", "session"),
    "max_queue": ("max_concurrent", 1),
    "queue_seconds": ("max_concurrent", 1),
    "without": ("cidr", "8.8.0.0/16"),
    "pods": ("namespace", "one"),
    "ports": ("namespace", "one"),
    "toleration_seconds": ("effect", "NoExecute"),
    "calls_metric": ("calls", 3),
    "failures": ("replicas", 4),
    "behavior": ("replicas", 4),
}
"""A key -> the one, with a value, without which it means nothing."""

SHOWN = {
    "username": ["password"],
    "password": ["username"],
    "certificate": ["key"],
    "key": ["certificate"],
    "ca": ["certificate", "key"],
}
"""A key of an authentication -> those that it needs."""

ELEMENTS = {
    "policies": {"type": "Pods", "value": 3, "period_seconds": 60},
    "tolerations": {"key": "one", "operator": "Equal", "value": "one"},
    "presets": {"name": "one"},
    "init_containers": {"name": "one", "image": {"repository": "acme/one", "tag": "1.0.0"}},
    "node_selector_terms": {},
    "match_expressions": {"key": "one", "operator": "In", "values": ["one"]},
    "match_fields": {"key": "metadata.name", "operator": "In", "values": ["one"]},
}
"""What else has to stand in an element of a list."""

PODS = {"topology_key": "one", "label_selector": {}}
NODES = {"match_expressions": [{"key": "one", "operator": "Exists"}]}

VOLUMES = {
    "empty_dir": {},
    "existing_claim": {"name": "one"},
    "existing_config_map": {"name": "one"},
    "existing_secret": {"name": "one"},
    "token": {"audience": "one"},
}
"""A volume of each kind."""


def affinity(data, path):
    """What Kubernetes wants beside one key of an affinity."""
    for index, step in enumerate(path):
        if step == "preferred_during_scheduling_ignored_during_execution":
            term = {"preference": NODES} if "node_affinity" in path else {"pod_affinity_term": PODS}
            put(data, path[: index + 1], [copy.deepcopy({"weight": 50, **term})])
        elif step == "required_during_scheduling_ignored_during_execution" and "node_affinity" not in path:
            put(data, path[: index + 1], [copy.deepcopy(PODS)])


def pods(data, path):
    """What a volume, a container beside the main one, or storage needs."""
    own, last = at(data, path), path[-1]
    if "storage" in path:
        own["storage"] = {"claims": {"own": {"path": "/own", "size": "5Gi"}}}
        own["replicas"] = 2 if last == "replicated" else 1
    if last == "storage_class" and "storage" not in path:
        data["servers"][path[1] if path[0] == "servers" else "image"]["storage"] = {
            "claims": {"own": {"path": "/own", "size": "5Gi"}}
        }
    if "volumes" in path:
        kind = path[path.index("volumes") + 2]
        own["volumes"] = {"own": {"path": "/own", **copy.deepcopy({kind: VOLUMES[kind]} if kind in VOLUMES else {"empty_dir": {}})}}
    if "mounts" in path:
        own["volumes"] = {name: {"path": f"/{name}", "empty_dir": {}} for name in ("own", "other")}
        own["init_containers"][0]["mounts"] = {"/mounted": {"volume": "own"}}
    if "init_containers" in path and "probes" in path:
        own["init_containers"][0]["sidecar"] = True
        way = path[path.index("probes") + 2]
        asks = {way: {"port": 8200}} if way in ("http_get", "tcp_socket", "grpc") else {} if way == "exec" else {"exec": ["one"]}
        put(data, path[: path.index("probes") + 2], asks)
    if "spreading" in path:
        own["replicas"] = 4


def before(data, path):
    """What has to stand beside `path` for it to mean anything, and gives way to its value."""
    own, last = at(data, path), path[-1]
    if path[0] in ("environment", "domain", "exposure"):
        data["gateway"]["exposure"] = {}
    if "parent" in path:
        put(data, (*path[:-1], "name"), "public")
    if "exposure" in path:
        way(data, path[: path.index("exposure") + 1], path[path.index("exposure") + 1 :])
    if "disruption" in path:
        own["replicas"] = 4
    affinity(data, path)
    for index, step in enumerate(path):
        if step in ELEMENTS:
            put(data, path[: index + 1], [copy.deepcopy(ELEMENTS[step])])
    pods(data, path)
    if "validation" in path:
        put(data, (*path[:-1], "results" if last == "arguments" else "arguments"), "observe")
    monitored(data, path)
    if "virtual_servers" in path:
        native = "one*" if last == "prefix" else "one"
        kinds = {"tools": "tool", "prompts": "prompt", "resources": "uri"}
        put(data, path[:3], {kind: [{"server": "image", key: native}] for kind, key in kinds.items()})
    elif last in BESIDE and "api_server" not in path:
        put(data, (*path[:-1], BESIDE[last][0]), BESIDE[last][1])
    if last == "prefix" and "env_from" in path:
        put(data, (*path[:-1], "existing_secret"), "one")
    if last in ("existing", "key") and "secrets" in path:
        put(data, path[:-1], {"existing": "one", "key": "one"})


WISHES = ("idle_seconds", "max_body_bytes", "affinity", "rate_limit")
"""What only a known controller does; F5's does all of it."""


def way(data, place, key):
    """A way from outside, at `place`, on which `key` means something."""
    if key[0] in ("ingress_class", "controller", *WISHES) or (key[0] == "tls" and key[1] != "secret_namespace"):
        data["exposure"] = {}
        put(data, (*place, "via"), "ingress")
        put(data, (*place, "ingress_class"), "corp" if key[0] == "controller" else "nginx")
        put(data, (*place, "controller_namespaces"), ["edge"])
    elif key[0] == "gateway" or key[-1] == "secret_namespace":
        data["exposure"] = {"gateway": {"gateway_class": "one"}}
        put(data, (*place, "tls"), {"secret": "one"})
    if key[0] in WISHES:
        put(data, (*place, "controller"), "f5-nginx")
    if key[0] == "rate_limit":
        put(data, (*place, "rate_limit"), {"requests": 5})
    if key[-1] == "wildcard":
        put(data, (*place, "tls"), {"issuer": "one"})


def monitored(data, path):
    """What is watched, and who asks for it."""
    asking = {"calls", "keda"}.intersection(path)
    if path[0] == "monitoring" or asking:
        data["monitoring"] = {"labels": {}}
    if "prometheus" in path or asking:
        data["monitoring"]["prometheus"] = {"address": "http://prometheus.example"}
    if "prometheus" in path:
        data["gateway"]["autoscaling"] = {"calls": 3, "keda": {}}
    if asking:
        put(data, (*path[: path.index("autoscaling") + 1], "calls"), 3)
        put(data, (*path[: path.index("autoscaling") + 1], "keda"), {})
    if "authentication" in path and path[0] == "monitoring":
        for other in SHOWN.get(path[-2], []):
            put(data, (*path[:-2], other), {"secret": "token"})
    if path[-1] == "calls_metric" and path[0] == "defaults":
        del data["servers"]["image"]  # its pods run no proxy that counts


def after(data, path, value):
    """What the value of `path` asks for elsewhere."""
    own, last = at(data, path), path[-1]
    if last == "via" and path[0] != "monitoring":
        way = {"parent": {"name": "public"}} if value == "gateway-api" else {"ingress_class": "nginx"}
        target = data["exposure"] = {} if path[0] == "exposure" else data["exposure"]
        target = target if path[0] == "exposure" else own["exposure"]
        target.update({"via": value, **way})
    if last in ("internet", "api_server") and not value:
        own["egress"][0]["cidr"] = "8.8.8.0/24"
    if last == "server" and value == path[1]:
        data["servers"]["third"] = {"image": {"repository": "third", "tag": "1.0.0"}}
        own["egress"][0]["server"] = "third"
    if "secrets" in path and path[0] == "servers":
        own |= {"env": {"TOKEN": {"secret": "own"}}} if path[1] == "url" else {"files": {"/run/own/file": {"secret": "own"}}}
    if last == "secret":
        data["secrets"]["other"] = {"config": "other"}
        data["servers"]["url"]["env"]["OTHER"] = {"secret": "other"}
        data["servers"]["url"]["headers"]["X-Other"] = "${OTHER}"
    if path[-3:] == ("tolerations", "0", "operator") and value == "Exists":
        del own["tolerations"][0]["value"]
    if path == ("gateway", "enabled") and not value:
        del data["servers"]["url"]


def outcome(path, value):
    """What the stack renders to, or why it is refused."""
    try:
        spec = load_spec(document(path, value), "test", cluster=False)
    except ConfigError as error:
        if not ".".join(path).endswith(REFUSALS):
            raise
        return str(error)
    return manifests_for(spec, value_of=lambda key: f"value of {key}")


@pytest.mark.parity("stack.unknown-keys")
@pytest.mark.parametrize("path", [pytest.param(path, id=".".join(path)) for path in every_path()])
def test_each_key_changes_what_is_rendered(path):
    first, second = values_of(path)
    for place, why in REFUSED.items():
        if ".".join(path).endswith(place):
            with pytest.raises(ConfigError, match=why):
                outcome(path, second)
            return
    assert outcome(path, first) != outcome(path, second), f"{'.'.join(path)} does nothing"


def test_a_key_that_does_nothing_is_found(monkeypatch):
    """The walk itself can fail: an inert key is planted in the schema."""
    monkeypatch.setitem(VALUES, "planted", ("one", "two"))
    monkeypatch.setitem(KEYS_OF_KIND, "image", KEYS_OF_KIND["image"] | {"planted"})
    monkeypatch.setitem(ServerSpec.model_config, "extra", "allow")
    ServerSpec.model_rebuild(force=True)
    StackFile.model_rebuild(force=True)
    try:
        with pytest.raises(AssertionError, match="does nothing"):
            test_each_key_changes_what_is_rendered(("servers", "image", "planted"))
    finally:
        monkeypatch.undo()
        ServerSpec.model_rebuild(force=True)
        StackFile.model_rebuild(force=True)


def test_kinds_and_their_keys_name_real_fields():
    for keys in (*KEYS_OF_KIND.values(), *INHERITED.values()):
        assert keys <= set(ServerSpec.model_fields)
    assert set(GatewaySpec.model_fields) & {"url", "command"} == set()
