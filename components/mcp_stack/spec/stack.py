"""The stack file: one environment, as its author writes it, and as everything else reads it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mcp_stack_proxy.config import Limits, Strict
from mcp_stack_proxy.config.strict import join

from .containers import InitContainerSpec
from .controllers import Controller
from .exposure import ExposureSpec, StackExposure, Way
from .gateway import GatewaySpec, ProxySpec
from .image import ImageDefaults
from .monitoring import MonitoringSpec
from .names import (
    ALL_KEYS,
    GATEWAY,
    SHARED,
    Annotations,
    DnsLabel,
    Host,
    Labels,
    SecretName,
    ServerName,
    key_variable,
    object_name,
)
from .network import Client, NetworkSpec
from .secrets import SecretRef
from .server import ServerDefaults, ServerSpec
from .stores import GENERATORS, VALUE, CredentialSpec, SecretSpec, SecretStoreSpec, referred


class NamespaceSpec(Strict):
    """Kubernetes namespace of all objects."""

    name: DnsLabel | None = None
    """`mcp-{stack}` by default."""
    labels: Labels = {}
    """Labels of the namespace alone, beside the stack's: `{istio-injection: disabled}`. Those of pod security stay."""
    annotations: Annotations = {}
    """Annotations of the namespace alone, beside the stack's: `{openshift.io/node-selector: ""}`."""
    create: bool = True
    """`false` uses one that exists; its pod-security labels are then somebody else's."""
    when_deleted: Literal["Retain", "Delete"] | None = None
    """What becomes of it when the stack is destroyed. By default it stays where volumes in it do, which would go with it, and where
    somebody else's are mounted; otherwise it goes. The next stack in one that stayed says `create: false`."""


class StackFile(Strict):
    """MCP servers, and the gateway in front of them, in one environment."""

    environment: DnsLabel | None = None
    """Environment, part of hosts except in `production`. The stack's name by default."""
    domain: Host | None = None
    """Domain of exposed hosts."""
    namespace: NamespaceSpec = NamespaceSpec()
    """Kubernetes namespace of all objects."""
    labels: Labels = {}
    """Labels of all objects and pods."""
    annotations: Annotations = {}
    """Annotations of all objects and pods."""
    image: ImageDefaults = ImageDefaults()
    """What images have in common."""
    proxy: ProxySpec = ProxySpec()
    """The bundled proxy image."""
    secrets: dict[SecretName, SecretSpec] = {}
    """Secrets that several servers read."""
    secret_stores: dict[SecretName, SecretStoreSpec] = {}
    """Where secrets come from that name a `store`."""
    exposure: StackExposure = StackExposure()
    """How servers are reached from outside, where they have an `exposure`."""
    network: NetworkSpec = NetworkSpec()
    """Where the cluster's own services are that pods of the stack call."""
    monitoring: MonitoringSpec | None = None
    """Scraping, alerts and a dashboard, where the cluster has the Prometheus operator."""
    defaults: ServerDefaults = ServerDefaults()
    """What servers inherit, field by field."""
    gateway: GatewaySpec = GatewaySpec()
    """The proxy in front of all servers."""
    servers: dict[ServerName, ServerSpec] = {}
    """MCP servers by name: a lower-case letter, then letters, digits and single dashes, at most 40 characters."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A declared secret: the Kubernetes Secret and key that hold it, and the stack file's key where we create that Secret."""

    name: str
    object: str
    key: str
    """Empty for a whole set."""
    config: str | None
    store: str | None = None
    """Name of the store whose controller writes the Secret."""


@dataclass(frozen=True, slots=True)
class StackSpec:
    """A stack file that has been checked, defaults filled in, disabled servers left out, servers in order of name."""

    stack: str
    """Name of the Pulumi stack; prefix of all object names."""
    source: str
    """File that holds it, for messages."""
    environment: str
    domain: str | None
    namespace: str
    create_namespace: bool
    namespace_when_deleted: Literal["Retain", "Delete"] | None
    namespace_labels: Mapping[str, str]
    namespace_annotations: Mapping[str, str]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    image: ImageDefaults
    proxy: ProxySpec
    exposure: StackExposure
    shared_secrets: Mapping[str, SecretSpec]
    secret_stores: Mapping[str, SecretStoreSpec]
    network: NetworkSpec
    monitoring: MonitoringSpec | None
    gateway: GatewaySpec
    servers: Mapping[str, ServerSpec]
    called: str = GATEWAY
    """What objects and pods of the gateway are called; otherwise than the usual where it stands before one server alone."""

    @property
    def keeps_namespace(self) -> bool:
        """Whether the namespace outlives the stack."""
        if self.namespace_when_deleted is not None:
            return self.namespace_when_deleted == "Retain"
        if any((backup := one.backed_up()) is not None and backup.to.s3 is None for one in self.servers.values()):
            return True
        if self.gateway.enabled and self.gateway.audit.files is not None:
            return True
        return bool(self.kept_volumes()) or any(
            volume.existing_claim is not None for _, _, workload in self.workloads() for volume in workload.volumes.values()
        )

    def kept_volumes(self) -> list[str]:
        """Servers whose own volumes outlive them, or their backups in a volume of ours."""
        return [name for name, one in self.servers.items() if one.keeps_volumes()]

    def object_name(self, part: str, suffix: str = "") -> str:
        """Name of an object of server `part`, or of the gateway."""
        return object_name(self.stack, self.known_as(part), suffix)

    def known_as(self, part: str) -> str:
        """Name by which the objects of `part` go, whatever it has been renamed to since they were made."""
        if part == GATEWAY:
            return self.called
        server = self.servers.get(part)
        return part if server is None or server.formerly is None else server.formerly

    def declared(self, server: str, name: str) -> SecretSpec | None:
        """Declaration of secret `name` as `server` sees it: its own, else the stack's, else none."""
        own = self.servers[server].secrets if server in self.servers else {}
        return own.get(name) or self.shared_secrets.get(name)

    def secret(self, server: str, reference: str) -> Secret:
        """What `server` means by `name`, or by `name/KEY` for one value of a set; its own secrets come before the stack's."""
        name, _, key = reference.partition("/")
        own = self.servers[server].secrets if server in self.servers else {}
        declared, owner = (own[name], server) if name in own else (self.shared_secrets[name], None)
        if declared.existing is not None and declared.key is not None:
            return Secret(name, declared.existing, declared.key, None)
        held = declared.target.name or self.secret_object(owner, name)
        found = "" if key == ALL_KEYS or (declared.is_set and not key) else key or VALUE
        return Secret(name, held, found, declared.config, declared.store)

    def secret_object(self, server: str | None, name: str) -> str:
        """Name of the Secret that we create for a secret of `server`, or of the whole stack."""
        return self.object_name(server or (SHARED if self.called == GATEWAY else self.called), f".{name}")

    def store_secret(self, store: str) -> str:
        """Name of the Secret that we create for the credentials of `store`; names of secrets hold no dot, so it is no secret's."""
        return self.object_name(SHARED, f".store.{store}")

    def store_object(self, store: str) -> tuple[str, str]:
        """Kind and name of the object that secrets of `store` name. One without a namespace carries the stack's in its name."""
        declared = self.secret_stores[store]
        if declared.existing is not None:
            return declared.existing.kind, declared.existing.name
        if declared.infisical_operator is not None:
            return "InfisicalAuth", self.object_name(SHARED, f".{store}")
        name = self.object_name(SHARED, f".{store}")
        if declared.backend in GENERATORS:
            return GENERATORS[declared.backend], name
        return ("ClusterSecretStore", f"{self.namespace}.{name}") if declared.cluster else ("SecretStore", name)

    def config_keys(self) -> set[str]:
        """Encrypted keys of the stack file that the stack needs."""
        declared = [*self.shared_secrets.values(), *(one for server in self.servers.values() for one in server.secrets.values())]
        credentials = [one for store in self.secret_stores.values() for _, one in referred(store)]
        return {one.config for one in [*declared, *credentials] if isinstance(one, SecretSpec | CredentialSpec) and one.config}

    def origin_of(self, server: str, value: object) -> object:
        """What an `env` value of `server` stands for: equal origins are one and the same value."""
        if not isinstance(value, SecretRef):
            return value
        known = self.declared(server, value.secret.partition("/")[0]) is not None
        return self.secret(server, value.secret) if known else value

    def gateway_env(self) -> dict[str, tuple[str, object]]:
        """Variables of the gateway: those of its `url` servers, each with the server that declares it."""
        found: dict[str, tuple[str, object]] = {}
        for name, server in self.servers.items():
            if server.kind == "url" and server.in_gateway:
                found.update({variable: (name, value) for variable, value in server.env.items()})
            elif (key := self.gateway_key(name)) is not None:
                found[key_variable(name)] = (name, key)
        return dict(sorted(found.items()))

    def gateway_key(self, server: str) -> SecretRef | None:
        """What the gateway shows the proxy in front of `server`."""
        front = self.servers[server].front
        offered = self.gateway.enabled and self.servers[server].in_gateway
        return front.authentication.gateway_key if offered and front is not None and front.authentication is not None else None

    def api_keys(self, part: str = GATEWAY) -> Secret | None:
        """The secret that holds the file of keys of the gateway, or of the proxy in front of server `part`."""
        front = None if part == GATEWAY else self.servers[part].front
        authentication = front.authentication if front is not None else self.gateway.authentication if part == GATEWAY else None
        if authentication is None or (part == GATEWAY and not self.gateway.enabled):
            return None
        return self.secret(part, authentication.api_keys.secret)

    def session_keys(self) -> Secret | None:
        """The secret that holds the file of session keys, for every proxy of the stack."""
        sessions = self.gateway.sessions
        return None if sessions is None else self.secret(GATEWAY, sessions.keys.secret)

    def exposed(self) -> list[Way]:
        """Every way from outside."""
        parts = [GATEWAY, *self.servers] if self.gateway.enabled else [*self.servers]
        return [way for part in parts for way in self.ways_to(part)]

    def ways_to(self, part: str) -> list[Way]:
        """Ways from outside to `part`, the first of them first."""
        workload = self.gateway if part == GATEWAY else self.servers[part]
        return [Way(part, name, one) for name, one in workload.ways() if one.enabled]

    def host_of(self, part: str) -> str | None:
        """Host of the first way to `part`; None where it is not exposed."""
        return next((way.exposure.host for way in self.ways_to(part)), None)

    def controller_of(self, exposure: ExposureSpec) -> Controller | None:
        """What forwards the traffic of `exposure`, as far as it is known."""
        return exposure.implementation(self.exposure.gateway)

    def scales(self, part: str) -> bool:
        """Whether `part` may have more than one pod."""
        workload = self.gateway if part == GATEWAY else self.servers[part]
        return (workload.autoscaling.max if workload.autoscales and workload.autoscaling else workload.replicas) > 1

    def asks_prometheus(self, part: str) -> bool:
        """Whether KEDA scales `part` by what Prometheus knows."""
        workload = self.gateway if part == GATEWAY else self.servers[part]
        scaling = workload.autoscaling
        return scaling is not None and workload.autoscales and scaling.keda is not None and scaling.calls is not None

    def prometheus_secrets(self, part: str) -> dict[str, str]:
        """Names of the declared secrets with which KEDA asks Prometheus on behalf of `part`, by key of the authentication."""
        prometheus = self.monitoring.prometheus if self.monitoring else None
        known = prometheus.authentication if prometheus and self.asks_prometheus(part) else None
        return known.secrets() if known else {}

    def scrapers(self) -> list[Client]:
        """Who may read the management port."""
        ours = [Client(namespace=self.monitoring.namespace, pods=self.monitoring.pods)] if self.monitoring else []
        return [*ours, *(one for one in self.gateway.management.scrapers if one not in ours)]

    def proxies(self) -> list[str]:
        """Parts whose pods run the proxy: wrapped stdio servers, servers with one in front of them, and the gateway."""
        guarded = [name for name, server in self.servers.items() if server.runs_proxy]
        return [*guarded, GATEWAY] if self.gateway.enabled else guarded

    def limits_of(self, part: str) -> Limits:
        """Bounds of the proxy in the pods of `part`."""
        front = None if part == GATEWAY else self.servers[part].front
        return front.limits if front is not None and front.limits is not None else self.gateway.limits

    def reached_on(self, part: str) -> int:
        """Port of the pods of `part` that callers reach."""
        return self.gateway.port if part == GATEWAY else self.servers[part].reached_on

    def protocol_of(self, part: str) -> str:
        """Protocol of that port."""
        return "TCP" if part == GATEWAY else self.servers[part].service.protocol

    def service_port(self, part: str) -> int:
        """Port of the Service of `part`."""
        workload = self.gateway if part == GATEWAY else self.servers[part]
        return workload.service.port or self.reached_on(part)

    def workloads(self) -> Iterator[tuple[str, str, ServerSpec | GatewaySpec]]:
        """(place in the stack file, part, what it says) of everything that has pods here."""
        if self.gateway.enabled:
            yield GATEWAY, GATEWAY, self.gateway
        for name, server in self.servers.items():
            if server.kind != "url":
                yield join("servers", name), name, server

    def init_containers(self) -> Iterator[tuple[str, int, InitContainerSpec]]:
        """(place of the workload, index, what it says) of every container beside a main one."""
        for place, _, workload in self.workloads():
            for index, one in enumerate(workload.init_containers):
                yield place, index, one

    def direct_callers(self, server: str) -> list[str]:
        """Keys that let somebody call `server` without the gateway."""
        own = self.servers[server]
        ways = (("clients", own.clients), ("exposure", own.exposed), ("service.type", own.service.type != "ClusterIP"))
        keys = [key for key, used in ways if used]
        others = (name for name, other in self.servers.items() if any(one.server == server for one in other.egress))
        return [*keys, *(f"servers.{name}.egress" for name in others)]

    def references_of(self, part: str) -> list[tuple[str, str]]:
        """What the pods of `part` read but files of keys, which are followed without a restart: for whom, and `name[/KEY]`."""
        if part == GATEWAY:
            pairs = [(owner, value.secret) for owner, value in self.gateway_env().values() if isinstance(value, SecretRef)]
        else:
            pairs = [(part, name) for name in _named(self.servers[part])]
        if part == GATEWAY or self.servers[part].kind != "url":
            workload = self.gateway if part == GATEWAY else self.servers[part]
            pairs += [(part, name) for one in workload.init_containers for name in _named(one)]
        return pairs

    def secrets_of(self, part: str) -> list[Secret]:
        """Every secret that the pods of `part` read, in order of name, but files of keys, which are followed without a restart."""
        found = {self.secret(owner, name) for owner, name in self.references_of(part)}
        return sorted(found, key=lambda secret: (secret.object, secret.key))


def _named(reader: ServerSpec | InitContainerSpec) -> list[str]:
    """Secrets in the variables and files of one container."""
    variables = [value.secret for value in reader.env.values() if isinstance(value, SecretRef)]
    whole = [source.secret for source in reader.env_from if source.secret]
    return [*variables, *whole, *(file.secret for file in reader.files.values() if file.secret)]
