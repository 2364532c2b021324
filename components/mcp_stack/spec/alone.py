"""What scales, protects and watches workloads that are not of this stack: arguments of components that stand alone."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from mcp_stack_proxy.config import ConfigError, Problem, Strict
from mcp_stack_proxy.config.strict import join, problems_of

from .autoscaling import AutoscalingSpec
from .backup import BackupSpec
from .containers import User
from .image import ImageSpec
from .monitoring import Address, MonitorSpec
from .names import MAX_LABEL, DnsLabel, DnsName, Labels, Selector, is_dns_name
from .network import Client, Destination, DnsSpec, NetworkSpec
from .placement import Toleration
from .probes import Port, Positive
from .quantity import Bytes
from .rules.backups import job_problems
from .rules.flows import network_problems
from .rules.monitoring import monitor_problems
from .rules.scaling import autoscaler_problems
from .scaling import DisruptionSpec

DASHBOARD = "-dashboard"
"""End of the name of a dashboard's ConfigMap."""


class AskedSpec(Strict):
    """What KEDA asks, and whom."""

    address: Address
    """Prometheus, or what speaks its interface: `http://prometheus-operated.monitoring.svc:9090`."""
    query: Annotated[str, Field(min_length=1)]
    """PromQL for the calls in flight of all replicas together: one number."""
    authentication: DnsName | None = None
    """Existing TriggerAuthentication in the workload's namespace."""
    modes: list[Literal["basic", "bearer", "custom", "tls"]] = []
    """How it is used; needed beside `authentication`."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.authentication is None) != (not self.modes):
            raise ValueError("`authentication` and `modes` belong together")
        return self


class WorkloadAutoscalingSpec(AutoscalingSpec):
    """Replicas of one workload, whoever made it. The workload itself must not say how many there are."""

    namespace: DnsLabel
    """Namespace of the workload."""
    workload: DnsName
    """Name of the workload."""
    kind: Literal["Deployment", "StatefulSet"] = "Deployment"
    """What it is."""
    container_name: DnsLabel | None = None
    """Name of the container that `container` is about."""
    labels: Labels = {}
    """Labels of the autoscaler."""
    prometheus: AskedSpec | None = None
    """Whom KEDA asks for the calls in flight, with `keda`."""


class WorkloadDisruptionSpec(DisruptionSpec):
    """Pods of one workload that may be away at once. Nothing at a single replica, where any budget is either useless or a trap."""

    namespace: DnsLabel
    """Namespace of the pods."""
    selector: Annotated[Selector, Field(min_length=1)]
    """Labels that select exactly the pods of one workload."""
    min_replicas: Positive
    """Replicas that the workload never falls below: the autoscaler's minimum, or the fixed number."""
    labels: Labels = {}
    """Labels of the budget."""


class WorkloadNetworkSpec(NetworkSpec):
    """Who may call the pods of one workload, whoever made it, and what they may call. Whatever is not declared is denied, but for
    DNS. Policies add up: a second one for the same pods allows what it says, too."""

    namespace: DnsLabel
    """Namespace of the pods."""
    selector: Selector = {}
    """Labels of the pods; all pods of the namespace by default."""
    clients: list[Client] = []
    """Who may call, on `ports`; nobody by default."""
    ports: list[Port] = []
    """TCP ports of the pods that `clients` may call."""
    egress: list[Destination] = []
    """What may be called; nothing by default. Not by `server`, which a stack has."""
    scrapers: list[Client] = []
    """Who may read metrics, on `metrics_port`."""
    metrics_port: Port | None = None
    """TCP port of the pods that `scrapers` may call."""
    labels: Labels = {}
    """Labels of the policy."""


class ProxyMonitoringSpec(MonitorSpec):
    """Scraping, alerts and a dashboard for proxies that were deployed in some other way."""

    namespace: DnsLabel
    """Namespace of the proxies. Their network policies have to let Prometheus in."""
    selector: Annotated[Selector, Field(min_length=1)]
    """Labels of their Services, each with a port `metrics`; or of their pods, with a port `management`, via `pod-monitor`. The pods
    carry them in either case."""


class VolumeBackupSpec(BackupSpec):
    """Backups of one PersistentVolumeClaim, whoever made it and whoever writes to it."""

    namespace: DnsLabel
    """Namespace of the claim."""
    existing_claim: DnsName
    """Name of the claim. Not one that only a single pod may mount."""
    pods: Selector = {}
    """Labels of the pod that has it mounted, next to which the jobs run; anywhere by default, for a claim that nobody writes to."""
    image: ImageSpec
    """The bundled proxy image, with its registry."""
    size: Bytes
    """Size of the claim, by which `scratch` goes."""
    run_as_user: User = 10001
    """User and group id that may read the volume."""
    tolerations: list[Toleration] = []
    """Taints that the jobs put up with, to get where the pod is."""
    dns: DnsSpec = DnsSpec()
    """Who resolves the name of a bucket."""
    labels: Labels = {}
    """Labels of all objects and pods."""


Alone = WorkloadAutoscalingSpec | WorkloadDisruptionSpec | WorkloadNetworkSpec | ProxyMonitoringSpec | VolumeBackupSpec

ALONE = (WorkloadAutoscalingSpec, WorkloadDisruptionSpec, WorkloadNetworkSpec, ProxyMonitoringSpec, VolumeBackupSpec)

T = TypeVar("T", bound=Alone)


def load_alone(model: type[T], data: Mapping[str, Any], source: str, name: str) -> T:
    """What `data` describes. ConfigError names every problem; `source` says whose arguments they are.

    `name`: the component's own, which its objects have, too.
    """
    problems = list(_misnamed(model, name))
    try:
        spec = model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(source, [*problems, *problems_of(model, error)]) from None
    problems += _problems(spec)
    if problems:
        raise ConfigError(source, problems)
    return spec


def _misnamed(model: type[Alone], name: str) -> Iterator[Problem]:
    """Names that the API server takes for no object."""
    most = MAX_LABEL - len(DASHBOARD) if model is ProxyMonitoringSpec else MAX_LABEL
    if len(name) > most or not is_dns_name(name):
        what = f"lower-case letters, digits, dashes and dots inside, at most {most} characters"
        yield Problem("", f"{name!r} is the name of objects in the cluster, too: {what}; call the component otherwise")


def _problems(spec: Alone) -> list[Problem]:
    if isinstance(spec, VolumeBackupSpec):
        return [*job_problems(spec, ""), *_declared_nowhere(spec)]
    if isinstance(spec, WorkloadNetworkSpec):
        return [*_pairs(spec), *network_problems(spec, spec.egress)]
    if isinstance(spec, ProxyMonitoringSpec):
        return list(monitor_problems(spec, ""))
    if isinstance(spec, WorkloadAutoscalingSpec):
        found = list(autoscaler_problems(spec, ""))
        if (spec.keda is None) != (spec.prometheus is None):
            what = "required beside `keda`: whom it asks" if spec.keda else "does nothing without `keda`; remove it"
            found.append(Problem("prometheus", what))
        if (spec.container is None) != (spec.container_name is None):
            what = "required beside `container`: which one it is" if spec.container else "does nothing without `container`"
            found.append(Problem("container_name", what))
        return found
    if spec.min_replicas > 1 and spec.max_unavailable >= spec.min_replicas:
        what = f"{spec.max_unavailable} must stay below `min_replicas` ({spec.min_replicas})"
        return [Problem("max_unavailable", f"{what}, else a drain may take every pod at once")]
    return []


def _pairs(spec: WorkloadNetworkSpec) -> Iterator[Problem]:
    """Callers without a port, and ports without callers."""
    pairs = (("clients", spec.clients, "ports", spec.ports), ("scrapers", spec.scrapers, "metrics_port", spec.metrics_port))
    for who, callers, what, port in pairs:
        if callers and not port:
            yield Problem(what, f"required beside `{who}`: what they may call")
        if port and not callers:
            yield Problem(what, f"does nothing without `{who}`; remove it")


def _declared_nowhere(spec: VolumeBackupSpec) -> Iterator[Problem]:
    """Secrets of a stack, where there is none, and volumes that would hold their own backups."""
    credentials = spec.to.s3.credentials if spec.to.s3 else None
    for key in credentials.references() if credentials else ():
        why = "names a secret that a stack declares, and there is none here; give `existing_secret`"
        yield Problem(join("to", "s3", "credentials", key), why)
    target = spec.to.existing_claim
    if target is not None and target.name == spec.existing_claim:
        yield Problem(join("to", "existing_claim", "name"), f"{target.name!r} is what is backed up; keep backups elsewhere")
