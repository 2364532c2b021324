"""The restricted pod security standard (kubernetes/pod-security-admission, 1.37), every rule of baseline included.

A namespace that enforces it refuses pods that break it only when they are created; here the program is told before.
"""

from collections.abc import Iterator
from typing import Any

from .cluster import Cluster, Container, Pods, dig, items, mapping
from .finding import Finding, error

CHECK = "pod-security"

_VOLUMES = frozenset(
    {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"}
)
_SYSCTLS = frozenset(
    {"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies"}
    | {"net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout"}
    | {"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}
)
_SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
_PROFILES = ("RuntimeDefault", "Localhost")
_APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def pod_security(cluster: Cluster) -> Iterator[Finding]:
    """Everything for which the restricted standard refuses a pod."""
    for pods in cluster.pods:
        yield from _host(pods)
        yield from _pod_context(pods)
        for container in _all_containers(pods):
            yield from _context(pods, container)
            yield from _identity(pods, container)
            yield from _handlers(pods, container)


def _all_containers(pods: Pods) -> list[Container]:
    extra = [
        Container(spec, f"{pods.path}.ephemeralContainers[{spec.get('name')}]") for spec in items(pods.spec, "ephemeralContainers")
    ]
    return [*pods.containers, *extra]


def _host(pods: Pods) -> Iterator[Finding]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pods.spec.get(field):
            yield error(CHECK, pods.owner, f"{pods.path}.{field}", "shares the node's namespace; remove it")
    if mapping(pods.spec, "securityContext", "windowsOptions").get("hostProcess"):
        yield error(
            CHECK, pods.owner, f"{pods.path}.securityContext.windowsOptions.hostProcess", "runs on the node itself; remove it"
        )
    for name, volume in pods.volumes.items():
        kinds = set(volume) - {"name"}
        if not kinds <= _VOLUMES:
            kind = ", ".join(sorted(kinds - _VOLUMES))
            yield error(
                CHECK,
                pods.owner,
                f"{pods.path}.volumes[{name}]",
                f"{kind} volumes are refused; use one of {', '.join(sorted(_VOLUMES))}",
            )


def _pod_context(pods: Pods) -> Iterator[Finding]:
    context, path = mapping(pods.spec, "securityContext"), f"{pods.path}.securityContext"
    for index, sysctl in enumerate(items(context, "sysctls")):
        if dig(sysctl, "name") not in _SYSCTLS:
            yield error(
                CHECK, pods.owner, f"{path}.sysctls[{index}]", f"{dig(sysctl, 'name')!r} is not on the list of safe ones; remove it"
            )
    for key, value in pods.annotations.items():
        if (
            key.startswith(_APPARMOR_ANNOTATION)
            and value not in ("", "runtime/default")
            and not str(value).startswith("localhost/")
        ):
            yield error(
                CHECK,
                pods.owner,
                f'{pods.path.removesuffix("spec")}metadata.annotations["{key}"]',
                f"{value!r} switches AppArmor off; remove it",
            )
    if context.get("runAsUser") == 0 and pods.spec.get("hostUsers") is not False:
        yield error(CHECK, pods.owner, f"{path}.runAsUser", "0 is root; use another number")
    yield from _profiles(pods, path, context)


def _context(pods: Pods, container: Container) -> Iterator[Finding]:
    context, path = mapping(container.spec, "securityContext"), f"{container.path}.securityContext"
    if context.get("privileged"):
        yield error(CHECK, pods.owner, f"{path}.privileged", "hands over the node; remove it")
    if mapping(context, "windowsOptions").get("hostProcess"):
        yield error(CHECK, pods.owner, f"{path}.windowsOptions.hostProcess", "runs on the node itself; remove it")
    if context.get("allowPrivilegeEscalation") is not False:
        yield error(CHECK, pods.owner, f"{path}.allowPrivilegeEscalation", "has to be false")
    if "ALL" not in items(context, "capabilities", "drop"):
        yield error(CHECK, pods.owner, f"{path}.capabilities.drop", 'has to contain "ALL"')
    added = [name for name in items(context, "capabilities", "add") if name != "NET_BIND_SERVICE"]
    if added:
        yield error(CHECK, pods.owner, f"{path}.capabilities.add", f"{', '.join(added)} cannot be added, only NET_BIND_SERVICE")
    if context.get("procMount") not in (None, "Default"):
        yield error(CHECK, pods.owner, f"{path}.procMount", f"{context['procMount']!r} unmasks /proc; remove it")
    yield from _profiles(pods, path, context)
    for port in items(container.spec, "ports"):
        if port.get("hostPort"):
            yield error(
                CHECK,
                pods.owner,
                f"{container.path}.ports[{port.get('name', port.get('containerPort'))}].hostPort",
                "takes a port of the node; use a Service",
            )


def _profiles(pods: Pods, path: str, context: Any) -> Iterator[Finding]:
    """SELinux, AppArmor and seccomp options, on the pod or on a container."""
    selinux = mapping(context, "seLinuxOptions")
    if selinux.get("type", "") not in _SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield error(
            CHECK, pods.owner, f"{path}.seLinuxOptions", "only the container types are allowed, without user and role; remove it"
        )
    if dig(context, "appArmorProfile", "type") not in (None, *_PROFILES):
        yield error(CHECK, pods.owner, f"{path}.appArmorProfile.type", f"has to be one of {', '.join(_PROFILES)}")
    if dig(context, "seccompProfile", "type") not in (None, *_PROFILES):
        yield error(CHECK, pods.owner, f"{path}.seccompProfile.type", f"has to be one of {', '.join(_PROFILES)}")


def _identity(pods: Pods, container: Container) -> Iterator[Finding]:
    """What a container may take from its pod. Users of their own (`hostUsers: false`) make the node's root unreachable."""
    pod, own = mapping(pods.spec, "securityContext"), mapping(container.spec, "securityContext")
    path = f"{container.path}.securityContext"
    if dig(own, "seccompProfile", "type") is None and dig(pod, "seccompProfile", "type") is None:
        yield error(CHECK, pods.owner, f"{path}.seccompProfile", "is set neither here nor on the pod; set type: RuntimeDefault")
    if pods.spec.get("hostUsers") is False:
        return
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield error(CHECK, pods.owner, f"{path}.runAsNonRoot", "has to be true, here or on the pod")
    if own.get("runAsUser") == 0:
        yield error(CHECK, pods.owner, f"{path}.runAsUser", "0 is root; use another number")


def _handlers(pods: Pods, container: Container) -> Iterator[Finding]:
    """Probes and hooks ask the pod itself, never another host (since 1.34)."""
    handlers = [(kind, dig(container.spec, kind)) for kind in ("startupProbe", "readinessProbe", "livenessProbe")]
    handlers += [(f"lifecycle.{hook}", dig(container.spec, "lifecycle", hook)) for hook in ("postStart", "preStop")]
    for kind, handler in handlers:
        for way in ("httpGet", "tcpSocket"):
            if dig(handler, way, "host"):
                yield error(
                    CHECK, pods.owner, f"{container.path}.{kind}.{way}.host", "would ask another host than the pod; remove it"
                )
