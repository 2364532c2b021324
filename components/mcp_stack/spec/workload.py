"""What every workload of a stack has: servers and the gateway alike."""

from typing import Annotated, Literal

from pydantic import Field

from mcp_stack_proxy.config import Strict

from .names import Annotations, Labels
from .network import Client, ExposureSpec, ServiceSpec
from .probes import Port, Positive, ProbesSpec
from .quantity import NO_BOOL
from .scaling import AutoscalingSpec, DisruptionSpec, ResourcesSpec
from .secrets import AbsolutePath


class SecuritySpec(Strict):
    """The few things about a pod's rights that may differ. Everything else is the restricted profile, for every pod."""

    run_as_user: Annotated[int, Field(ge=1, le=2**31 - 1), NO_BOOL] = 10001
    """User and group id of the processes, never root's 0; below 10000 it may be a user of the node."""
    read_only_root_filesystem: bool = True
    """`false` lets the container write anywhere in its image's copy."""


class Toleration(Strict):
    """A taint that pods put up with."""

    key: str | None = None
    """Taint's key; every key by default."""
    operator: Literal["Exists", "Equal"] = "Exists"
    """Whether `value` has to be equal."""
    value: str | None = None
    """Taint's value, with `Equal`."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Taint's effect; every effect by default."""


class WorkloadSpec(Strict):
    """One Deployment and what belongs to it."""

    labels: Labels = {}
    """Labels of all its objects and pods, beside the stack's."""
    annotations: Annotations = {}
    """Annotations of all its objects and pods, beside the stack's."""
    port: Port = 8000
    """Port that it listens on."""
    replicas: Positive = 1
    """Fixed number of pods. Not beside `autoscaling`."""
    autoscaling: AutoscalingSpec | None = None
    """Replicas that follow load, where present."""
    disruption: DisruptionSpec = DisruptionSpec()
    """How many pods a drain may take at once."""
    resources: ResourcesSpec = ResourcesSpec()
    """Requests and limits."""
    probes: ProbesSpec = ProbesSpec()
    """Startup, readiness and liveness; working ones exist without a key."""
    service: ServiceSpec = ServiceSpec()
    """Its Service."""
    security: SecuritySpec = SecuritySpec()
    """User, and whether the image's files can be written."""
    node_selector: Labels = {}
    """Labels of the nodes that pods may run on."""
    tolerations: list[Toleration] = []
    """Taints that pods put up with."""
    restart: Literal["reloader", "infisical", "rereads"] | None = None
    """How a new value of a store's secret reaches the processes; see docs/secrets.md. `reloader`: Stakater's Reloader restarts the
    pods. `infisical`: Infisical's operator does. `rereads`: the server reads its `files` again by itself."""

    @property
    def min_replicas(self) -> int:
        """Replicas that it never falls below."""
        return self.autoscaling.min if self.autoscales and self.autoscaling else self.replicas

    @property
    def autoscales(self) -> bool:
        """Whether an autoscaler owns the number of replicas."""
        return self.autoscaling is not None and self.autoscaling.enabled


class Reachable(Strict):
    """Who reaches a workload."""

    exposure: ExposureSpec | None = None
    """Host under which it is reached from outside, where present."""
    clients: list[Client] = []
    """Pods and addresses that may call it, beside the gateway and what `exposure` lets in."""

    @property
    def exposed(self) -> bool:
        """Whether it is reached from outside."""
        return self.exposure is not None and self.exposure.enabled


class Writable(Strict):
    """Directories that a container may write although its root is read-only."""

    writable: list[AbsolutePath] = []
    """Directories beside /tmp, empty when a pod starts and gone with it."""
