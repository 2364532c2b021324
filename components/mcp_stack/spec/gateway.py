"""The proxy in front of all servers."""

from typing import Self

from pydantic import model_validator

from mcp_stack_proxy.config import HostPattern, Limits, Log, Origin, ServerName, Strict, VirtualServer
from mcp_stack_proxy.config.strict import join

from .audit import GatewayAuditSpec
from .image import ImageSpec
from .names import DnsName, SecretKey
from .observing import ManagementSpec, MetricsSpec
from .probes import Port
from .secrets import SecretRef
from .workload import Reachable, WorkloadSpec


class ProxySpec(Strict):
    """The bundled image: gateway, and wrapper of stdio servers."""

    image: ImageSpec | None = None
    """One reference for every role. Needed in a cluster."""


class AuthenticationSpec(Strict):
    """How callers of the gateway show who they are."""

    api_keys: SecretRef
    """Secret whose value is the file of keys, as hashes: `mcp-stack-proxy new-key` makes both. A rotated one needs no restart."""


class SessionsSpec(Strict):
    """What replicas of the proxies share, so that each serves every client."""

    keys: SecretRef
    """Secret whose value is the file of session keys, one a line, the newest first: `mcp-stack-proxy new-session-key` makes one. A
    rotated one needs no restart; a removed one ends the sessions that it has sealed."""


class AuthoritySpec(Strict):
    """Certificates of an authority of one's own (PEM): exactly one of `existing_config_map` and `existing_secret`."""

    existing_config_map: DnsName | None = None
    """ConfigMap in the stack's namespace that somebody else provides, such as trust-manager."""
    existing_secret: DnsName | None = None
    """Secret in the stack's namespace that somebody else provides."""
    key: SecretKey = "ca.crt"
    """Key within it."""

    @model_validator(mode="after")
    def _one_object(self) -> Self:
        if (self.existing_config_map is None) == (self.existing_secret is None):
            raise ValueError("name exactly one of `existing_config_map` and `existing_secret`")
        return self


class GatewaySpec(WorkloadSpec, Reachable):
    """One endpoint for all servers."""

    enabled: bool = True
    """`false` runs the servers without it."""
    port: Port = 8080
    """Port that it listens on."""
    authentication: AuthenticationSpec | None = None
    """Admits only callers with a key. Needed in a cluster, unless `trust_network` is stated; the same in a local run."""
    sessions: SessionsSpec | None = None
    """Sessions that any replica goes on with, and that outlive a restart. Needed where a proxy has more than one replica."""
    trust_network: bool = False
    """States that only trusted clients reach the proxies, where nothing checks who calls. Not beside `authentication`."""
    certificate_authority: AuthoritySpec | None = None
    """Whose certificates servers at a `url` may show, too: a company's own authority, beside the public ones of the image's
    /etc/ssl/certs. Read when a pod starts. A server's own process reads what its `env` and `volumes` give it."""
    name: str = "mcp-stack"
    """Name that clients see in `serverInfo`."""
    instructions: str | None = None
    """Text for the model on how to use the servers together."""
    allowed_hosts: list[HostPattern] = []
    """Host headers accepted beside the Service's names and the exposed host."""
    allowed_origins: list[Origin] = []
    """Origins of browser pages that may call: `https://app.example.com`."""
    management: ManagementSpec = ManagementSpec()
    """Port of health and metrics, of gateway and wrapped stdio servers."""
    metrics: MetricsSpec = MetricsSpec()
    """What is counted, by gateway and wrapped stdio servers."""
    audit: GatewayAuditSpec = GatewayAuditSpec()
    """What is recorded of each call."""
    log: Log = Log()
    """What the proxies say of themselves on standard error: gateway, wrapped stdio servers, and proxies in front of servers."""
    limits: Limits = Limits()
    """Bounds on size and time, for gateway and wrapped stdio servers."""
    virtual_servers: dict[ServerName, VirtualServer] = {}
    """Endpoints `/servers/NAME/mcp` that offer a selection of what several servers have, under names of its own."""

    def exclusive_volumes(self) -> list[str]:
        """Keys of the volumes that pods on two nodes cannot have at a time."""
        kept = self.audit.files
        own = [join("audit", "files", "claim" if kept.claim else "existing_claim")] if kept is not None and kept.exclusive else []
        return [*super().exclusive_volumes(), *own]
