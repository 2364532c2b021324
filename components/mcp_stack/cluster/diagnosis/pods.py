"""Pods that do not start, or do not get ready."""

import re
from collections.abc import Iterator

from ...preview.checks.cluster import dig, items, mapping
from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import Live, World, conditions, name_of, title_of

PULLING = frozenset({"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"})

CONFIGURING = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})

PREPARING = ("FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedMapVolume")
"""Reasons of events while a pod waits in `ContainerCreating`."""

OUT_OF_MEMORY = "OOMKilled"

REFUSED_CONFIGURATION = 2
"""Exit code of the proxy that does not start with what it was given (docs/runbooks.md)."""

KILLED = 137

STARTUP_PAGE = "/startupz"
"""Page of the proxy that answers 503 until the process of its server has answered (`process.start: startup`)."""

UNSTARTED = re.compile(r"startup probe failed: .*statuscode: 503", re.IGNORECASE)
"""The kubelet's words for that (kubernetes, pkg/probe/http)."""

PULLS = (
    Cause(
        "unauthorized|denied|forbidden|40[13]|no basic auth",
        "name a pull secret that may read it: `image.pull_secrets`, or `image.registries`",
    ),
    Cause("manifest unknown|not found|404", "there is no such image or tag; set `image` to one that was pushed"),
    Cause("toomanyrequests|rate limit", "the registry limits anonymous pulls; log in with a pull secret, or use a mirror"),
    Cause("x509|certificate", "the nodes do not trust the registry's certificate; add its CA to the container runtime"),
    Cause(
        "no such host|timeout|i/o|refused|unreachable",
        "the nodes do not reach the registry; look at DNS, proxy and firewall of the nodes",
    ),
    Cause("couldn't parse|invalid reference", "the reference is malformed; mend `image`"),
    Cause("no match for platform|exec format", "the image has no build for the nodes' platform; push one, or set `node_selector`"),
)

CONFIGURED = (
    Cause("couldn't find key", "add the key to that Secret or ConfigMap"),
    Cause("secret .*not found", "create the Secret; if a store writes it, see what is said of its ExternalSecret"),
    Cause("configmap .*not found", "create the ConfigMap"),
    Cause("runasnonroot|non-numeric user|run as root", "the image runs as root; give it a numeric user, or set `run_as_user`"),
    Cause("executable file not found|no such file", "the image has no such program; mend `command`"),
    Cause("permission denied", "the program is not executable, or its directory is not the container's to write; see `writable`"),
)

SCHEDULED = (
    Cause("insufficient (cpu|memory|ephemeral-storage|pods)", "no node has so much room; lower `resources.requests`, or add nodes"),
    Cause("persistentvolumeclaim", "its volume is not there; see what is said of its claim"),
    Cause("untolerated taint", "no node takes it; add `tolerations`, or untaint a node"),
    Cause("match pod affinity", "it belongs beside the pod whose volume it reads, and there is none; see what is said of that pod"),
    Cause("node affinity|node selector", "no node has these labels; mend `node_selector` or `affinity`"),
    Cause("topology spread|anti-affinity", "its replicas may not stand closer; add nodes, or loosen `spreading`"),
)

PREPARED = (
    Cause("secret .*not found", "create the Secret; if a store writes it, see what is said of its ExternalSecret"),
    Cause("configmap .*not found", "create the ConfigMap"),
    Cause("references non-existent .*key", "add the key to that Secret or ConfigMap"),
    Cause(
        "multi-attach|already exclusively attached",
        "another pod holds the volume; wait for its end, or use a class for several writers",
    ),
    Cause("runtimeclass|handler", "the node has no such runtime; mend `runtime_class`"),
    Cause("user namespace|idmap", "the node cannot give it user ids of its own; remove `user_namespace`"),
    Cause("network|cni|address", "the nodes' network plugin fails; look at its pods"),
)


def pods(world: World) -> Iterator[Diagnosis]:
    """One finding for each container that has a fault; replicas with the same one are one. Of failed jobs, see `jobs`."""
    found: dict[tuple[str, str, str], list[Diagnosis]] = {}
    for pod in world.of("Pod"):
        owners = {dig(one, "kind") for one in items(pod, "metadata", "ownerReferences")}
        if "Job" in owners and dig(pod, "status", "phase") == "Failed":
            continue
        for container, one in _of_pod(world, pod):
            owner = str(dig(next(iter(items(pod, "metadata", "ownerReferences")), None), "name") or name_of(pod))
            found.setdefault((owner, container, one.condition), []).append(one)
    for alike in found.values():
        more = f" and {len(alike) - 1} more like it" if len(alike) > 1 else ""
        yield Diagnosis(alike[0].object + more, alike[0].condition, alike[0].message, alike[0].next_step)


def _of_pod(world: World, pod: Live) -> Iterator[tuple[str, Diagnosis]]:
    status = mapping(pod, "status")
    if status.get("phase") == "Succeeded":
        return
    if status.get("phase") == "Failed":
        step = "delete the pod once its cause is gone; for an eviction raise `resources.requests` of what the node ran out of"
        yield "", Diagnosis(title_of(pod), str(status.get("reason") or "Failed"), one_line(status.get("message")), step)
        return
    placed = conditions(status).get("PodScheduled")
    if placed is not None and placed.get("status") == "False":
        message = one_line(placed.get("message"))
        step = first(SCHEDULED, message, f"`kubectl describe pod -n {_namespace(pod)} {name_of(pod)}` shows what each node says")
        yield "", Diagnosis(title_of(pod), str(placed.get("reason") or "Unschedulable"), message, step)
        return
    waiting: list[Live] = []
    for container in [*items(status, "initContainerStatuses"), *items(status, "containerStatuses")]:
        one = _of_container(world, pod, container)
        if one is not None:
            yield str(container.get("name")), one
        elif dig(container, "state", "waiting", "reason") in ("ContainerCreating", "PodInitializing"):
            waiting.append(container)
    if waiting and (said := world.warnings(pod, *PREPARING)):
        step = first(PREPARED, said[0], f"`kubectl describe pod -n {_namespace(pod)} {name_of(pod)}` shows the rest")
        yield "", Diagnosis(title_of(pod), "ContainerCreating", said[0], step)


def _of_container(world: World, pod: Live, status: Live) -> Diagnosis | None:
    name = str(status.get("name"))
    title = f"{title_of(pod)}/{name}"
    waiting, reason = mapping(status, "state", "waiting"), str(dig(status, "state", "waiting", "reason") or "")
    said = one_line(waiting.get("message"))
    if reason in PULLING:
        cause = next(iter(world.warnings(pod, "Failed")), said)
        text = cause if "ack-off" in said or not said else said
        return Diagnosis(
            title,
            reason,
            text,
            first(PULLS, f"{said} {cause}", "look at the image's name, and whether the nodes reach its registry"),
        )
    if reason in CONFIGURING:
        return Diagnosis(title, reason, said, first(CONFIGURED, said, "mend what the message names"))
    last = mapping(status, "lastState", "terminated") or mapping(status, "state", "terminated")
    if (unstarted := _unstarted(pod, name, status, last, world)) is not None:
        logs = f"`kubectl logs -n {_namespace(pod)} {name_of(pod)} -c {name}" + (" --previous`" if waiting else "`")
        step = f"the server's process has not answered since it was started: {logs} says why at `has not started`"
        more = (
            f"if it only needs longer, raise `servers.{_server(pod)}.limits.discovery_seconds`, the time that it has to answer its "
            "`initialize`, where the log names that key, and `probes.startup.failure_threshold`, the time of all attempts"
        )
        return Diagnosis(title, reason or "Unhealthy", unstarted, f"{step}; {more}")
    if reason == "CrashLoopBackOff" or (last.get("exitCode") and not status.get("ready")):
        return _crash(title, pod, name, last, world)
    if last.get("reason") == OUT_OF_MEMORY:
        return Diagnosis(
            title,
            OUT_OF_MEMORY,
            _times(status),
            "it was killed at its memory limit and runs again; raise `resources.limits.memory`",
        )
    if dig(status, "state", "running") is not None and not status.get("ready") and (probes := world.warnings(pod, "Unhealthy")):
        logs = f"`kubectl logs -n {_namespace(pod)} {name_of(pod)} -c {name}`"
        step = f"it runs and does not answer its probe: look at `probes`, port and path, and at {logs}"
        return Diagnosis(title, "Unhealthy", probes[0], step)
    return None


def _unstarted(pod: Live, name: str, status: Live, last: Live, world: World) -> str | None:
    """What the kubelet says of a proxy that waits for its server's process, or gave up waiting. None where it is something else."""
    own = next((one for one in items(pod, "spec", "containers") if one.get("name") == name), None)
    if status.get("ready") or dig(own, "startupProbe", "httpGet", "path") != STARTUP_PAGE:
        return None
    if last.get("exitCode") == REFUSED_CONFIGURATION or last.get("reason") == OUT_OF_MEMORY:
        return None
    said = next(iter(world.warnings(pod, "Unhealthy")), "")
    return said if UNSTARTED.match(said) else None


def _crash(title: str, pod: Live, name: str, last: Live, world: World) -> Diagnosis:
    """A container that ends again and again: by itself, at its limit, or because its probe gave it up."""
    code, reason = last.get("exitCode"), str(last.get("reason") or "")
    logs = f"`kubectl logs -n {_namespace(pod)} {name_of(pod)} -c {name} --previous`"
    said = one_line(last.get("message"))
    message = f"exit code {code}" + (f", {reason}" if reason and reason != "Error" else "") + (f": {said}" if said else "")
    if reason == OUT_OF_MEMORY:
        return Diagnosis(title, OUT_OF_MEMORY, message, "it needs more than its memory limit; raise `resources.limits.memory`")
    if code == KILLED and (probes := world.warnings(pod, "Unhealthy", "Killing")):
        step = f"its liveness probe gave it up; give it more time in `probes`, or see {logs}"
        return Diagnosis(title, "CrashLoopBackOff", f"{message}; {probes[0]}", step)
    if code == REFUSED_CONFIGURATION:
        return Diagnosis(title, "CrashLoopBackOff", message, f"it refuses its arguments or its configuration and says why: {logs}")
    return Diagnosis(title, "CrashLoopBackOff", message, f"its own last words: {logs}")


def _server(pod: Live) -> str:
    """The server as its stack file calls it."""
    return str(dig(pod, "metadata", "labels", "app.kubernetes.io/name") or "NAME")


def _times(status: Live) -> str:
    count = status.get("restartCount", 0)
    return f"restarted {count} time{'' if count == 1 else 's'}"


def _namespace(pod: Live) -> str:
    return str(dig(pod, "metadata", "namespace"))
