"""What every workload of a stack has: servers and the gateway alike."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL
from mcp_stack_proxy.config.strict import join

from .autoscaling import AutoscalingSpec
from .containers import InitContainerSpec, User
from .exposure import ExposureSpec, WayName
from .names import Annotations, DnsName, Labels
from .network import Client, ServiceSpec
from .placement import Placed
from .probes import Port, Positive, ProbesSpec
from .resolving import HostAliases, PodDnsSpec
from .rollout import RolloutSpec
from .scaling import DisruptionSpec, ResourcesSpec
from .storage import Volumes


class SecuritySpec(Strict):
    """The few things about a pod's rights that may differ. Everything else is the restricted profile, for every pod."""

    run_as_user: User = 10001
    """User and group id of the processes, never root's 0; below 10000 it may be a user of the node."""
    read_only_root_filesystem: bool = True
    """`false` lets the container write anywhere in its image's copy."""
    assigned_user: bool = False
    """`true` leaves user and group to the cluster, as OpenShift wants it: its constraint `restricted-v2` gives each namespace ids
    of its own, and refuses pods that choose. Not beside `run_as_user`."""
    user_namespace: bool = False
    """`true` gives pods user ids of their own, which are nobody's on the node (`hostUsers: false`). Runtime, kernel and the file
    systems of all volumes have to be able to (Kubernetes, "User Namespaces")."""

    @model_validator(mode="after")
    def _one_user(self) -> Self:
        if self.assigned_user and "run_as_user" in self.model_fields_set:
            raise ValueError("`run_as_user` does nothing beside `assigned_user`; remove one of them")
        return self


class WorkloadSpec(Placed):
    """One Deployment, or StatefulSet, and what belongs to it."""

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
    service_account: DnsName | None = None
    """Existing ServiceAccount of its pods, such as one that a cloud knows; by default one of their own, without rights."""
    service_account_annotations: Annotations = {}
    """Annotations of its own ServiceAccount alone, by which a cloud knows its pods: `{eks.amazonaws.com/role-arn: …}`,
    `{iam.gke.io/gcp-service-account: …}`, `{azure.workload.identity/client-id: …}`. Not beside `service_account`."""
    host_aliases: HostAliases = {}
    """Names that no resolver knows, with the address of each (`/etc/hosts`): `{sap.corp.example: 10.20.0.5}`."""
    dns: PodDnsSpec = PodDnsSpec()
    """How its pods look names up."""
    rollout: RolloutSpec = RolloutSpec()
    """How its pods give way to their successors."""
    volumes: Volumes = {}
    """Volumes of its pods, by name."""
    init_containers: list[InitContainerSpec] = []
    """Containers that start before it, in this order; sidecars go on beside it."""
    pause_seconds: Annotated[int, Field(ge=0, le=600), NO_BOOL] = 5
    """Time between a pod's end as target of its Service and SIGTERM: callers learn of it only after a while. A load balancer that
    calls pods directly may need more."""
    restart: Literal["reloader", "infisical", "rereads"] | None = None
    """How a new value of a store's secret reaches the processes; see docs/secrets.md. `reloader`: Stakater's Reloader restarts the
    pods. `infisical`: Infisical's operator does. `rereads`: the server reads its `files` again by itself."""

    def main_mounts(self) -> list[tuple[str, str]]:
        """(name, path) of the volumes that the main container mounts."""
        return [(name, volume.path) for name, volume in self.volumes.items() if volume.path is not None]

    def volume_names(self) -> list[str]:
        """Names that containers may mount."""
        return list(self.volumes)

    def exclusive_volumes(self) -> list[str]:
        """Keys of the volumes that pods on two nodes cannot have at a time."""
        return [join("volumes", name, "existing_claim") for name, volume in self.volumes.items() if volume.exclusive]

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
    exposures: dict[WayName, ExposureSpec] = {}
    """Further ways from outside, by a name of your own: other hosts, Gateways, controllers or certificates."""
    clients: list[Client] = []
    """Pods and addresses that may call it, beside the gateway and what `exposure` and `exposures` let in."""

    @property
    def exposed(self) -> bool:
        """Whether it is reached from outside."""
        return any(one.enabled for _, one in self.ways())

    def ways(self) -> list[tuple[str, ExposureSpec]]:
        """(name, how) of every way from outside; the first has no name."""
        first = [("", self.exposure)] if self.exposure is not None else []
        return [*first, *sorted(self.exposures.items())]
