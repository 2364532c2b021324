"""The proxy's configuration against the objects around it: it listens where its pod says, and calls Services that exist."""

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlsplit

import yaml

from .cluster import Cluster, Container, Plain, Pods, dig, items, mapping
from .finding import Finding, error

CHECK = "proxy"

COMMAND = "mcp-stack-proxy"


def proxy(cluster: Cluster) -> Iterator[Finding]:
    """Servers of a proxy that no Service of the stack answers for, and a port that its container does not declare."""
    for pods in cluster.pods:
        for container in pods.running:
            config = proxy_config(cluster, pods, container)
            if config is None:
                continue
            yield from _listens(pods, container)
            for name, server in mapping(config, "servers").items():
                yield from _reaches(cluster, pods, container, str(name), dig(server, "url"))


def proxy_config(cluster: Cluster, pods: Pods, container: Container) -> Plain | None:
    """Configuration of the proxy that `container` runs, from the ConfigMap that it mounts; None where it runs something else."""
    words = [str(word) for word in [*items(container.spec, "command"), *items(container.spec, "args")]]
    if COMMAND not in words or "--config" not in words[:-1]:
        return None
    path = words[words.index("--config") + 1]
    for mount in items(container.spec, "volumeMounts"):
        directory = str(mount.get("mountPath")).rstrip("/")
        name = dig(pods.volumes.get(str(mount.get("name"))), "configMap", "name")
        found = cluster.find("ConfigMap", pods.namespace, str(name))
        text = (
            mapping(found.plain, "data").get(path.removeprefix(f"{directory}/"))
            if found and path.startswith(f"{directory}/")
            else None
        )
        if isinstance(text, str):
            document = yaml.load(text, yaml.CSafeLoader)
            return cast("Plain", document) if isinstance(document, dict) else {}
    return None


def _listens(pods: Pods, container: Container) -> Iterator[Finding]:
    arguments = [str(word) for word in items(container.spec, "args")]
    declared = [found.get("containerPort") for found in items(container.spec, "ports")]
    for option in ("--listen", "--management"):
        if option not in arguments[:-1]:
            continue
        port = arguments[arguments.index(option) + 1].rpartition(":")[2]
        if not port.isdecimal() or int(port) not in declared:
            yield error(
                CHECK,
                pods.owner,
                f"{container.path}.args",
                f"listens on {port}, which the container does not declare; it declares: {declared}",
            )


def _reaches(cluster: Cluster, pods: Pods, container: Container, name: str, url: Any) -> Iterator[Finding]:
    """A URL within the cluster has to lead to a Service, its port included."""
    host, port = _service_address(url) if isinstance(url, str) else (None, None)
    if host is None:
        return
    service_name, _, rest = host.partition(".")
    namespace = rest.partition(".")[0]
    service = cluster.find("Service", namespace, service_name)
    path = f"{container.path}.args (servers.{name}.url)"
    if service is None:
        own = cluster.exists("Namespace", "", namespace) or namespace == pods.namespace
        if (
            own
            and not cluster.external.has("Namespace", "", namespace)
            and not cluster.external.has("Service", namespace, service_name)
        ):
            yield error(
                CHECK, pods.owner, path, f"{url}: namespace {namespace} has no Service {service_name!r}; name one of the stack's"
            )
        return
    ports = [found.get("port") for found in items(service.plain, "spec", "ports")]
    if port not in ports:
        yield error(
            CHECK, pods.owner, path, f"{url}: Service {service_name} has no port {port}; it has: {', '.join(map(str, ports))}"
        )


def _service_address(url: str) -> tuple[str | None, int | None]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if "${" in url or not (host.endswith(".svc") or ".svc." in host):
        return None, None
    return host, parts.port or (443 if parts.scheme == "https" else 80)
