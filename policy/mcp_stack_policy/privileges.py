"""Pods that stay within their own walls."""

from typing import Any

from .model import Found, Option, Policy, Program, Settings
from .pods import Container, Pods, pods_of
from .resources import Object, dig, items


def _host_access(item: Object, program: Program, settings: Settings) -> Found:
    pods = pods_of(item)
    if pods is None:
        return
    yield from _pod(pods)
    for container in pods.containers():
        yield from _container(container, settings)


def _pod(pods: Pods) -> Found:
    for key, what in (("hostNetwork", "network"), ("hostPID", "processes"), ("hostIPC", "shared memory")):
        if dig(pods.spec, key) is True:
            yield f"{pods.path}.{key}", f"shares the node's {what}"
    for index, volume in enumerate(items(pods.spec, "volumes")):
        path = dig(volume, "hostPath", "path")
        if dig(volume, "hostPath") is not None:
            yield f"{pods.path}.volumes[{dig(volume, 'name') or index}].hostPath", f"mounts {path!r} of the node"
    yield from _user(pods.spec, pods.path)
    yield from _unconfined(pods.spec, pods.path)


def _container(container: Container, settings: Settings) -> Found:
    at = f"{container.path}.securityContext"
    context = dig(container.spec, "securityContext")
    for key, what in (
        ("privileged", "may do on the node whatever root may"),
        ("allowPrivilegeEscalation", "lets a process gain rights that its parent lacks"),
    ):
        if dig(context, key) is True:
            yield f"{at}.{key}", what
    added = [one for one in items(context, "capabilities", "add") if one not in settings["capabilities"]]
    if added:
        yield f"{at}.capabilities.add", f"adds {', '.join(map(str, added))}"
    for index, port in enumerate(items(container.spec, "ports")):
        if dig(port, "hostPort"):
            yield f"{container.path}.ports[{index}].hostPort", f"listens on port {dig(port, 'hostPort')} of the node"
    if dig(context, "procMount") == "Unmasked":
        yield f"{at}.procMount", "sees what runtimes hide of the kernel"
    yield from _user(container.spec, container.path)
    yield from _unconfined(container.spec, container.path)


def _user(spec: Any, path: str) -> Found:
    if dig(spec, "securityContext", "runAsUser") == 0:
        yield f"{path}.securityContext.runAsUser", "runs as root"


def _unconfined(spec: Any, path: str) -> Found:
    """What pods and containers may say alike (Pod Security Standards, "Baseline")."""
    context = dig(spec, "securityContext")
    for key in ("seccompProfile", "appArmorProfile"):
        if dig(context, key, "type") == "Unconfined":
            yield f"{path}.securityContext.{key}", "may make every call to the node's kernel"
    if dig(context, "windowsOptions", "hostProcess") is True:
        yield f"{path}.securityContext.windowsOptions.hostProcess", "is a process of the node"


HOST_ACCESS = Policy(
    name="host-access",
    title="Pods have no rights on their node.",
    remedy="take it away, or run what really needs it in a namespace of its own and exempt it",
    check=_host_access,
    level="mandatory",
    severity="critical",
    own={
        "capabilities": Option(
            {
                "type": "array",
                "items": {"type": "string"},
                "default": ["NET_BIND_SERVICE"],
                "description": "Capabilities that may be added.",
            }
        )
    },
)
