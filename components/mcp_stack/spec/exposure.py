"""How what runs in the cluster is reached from outside. One statement for all controllers; what each of them can do is a table."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Origin, Strict
from mcp_stack_proxy.config.amounts import NO_BOOL
from mcp_stack_proxy.config.strict import join

from .controllers import Controller, ControllerName, by_class, by_gateway_class, by_name
from .hosts import DEFAULT_PATTERN, HostPattern
from .names import GATEWAY, Annotations, DnsLabel, DnsName, Host
from .probes import Positive


def _prefix(value: str) -> str:
    if not value.startswith("/") or any(not ("!" < letter < "\x7f") or letter in '"\\{}()|$;#?*' for letter in value):
        raise ValueError(f"{value!r} is no prefix of paths: a slash, then letters, digits and `/-._~` as in a URL")
    return value.rstrip("/") or "/"


Prefix = Annotated[str, AfterValidator(_prefix)]


class ParentRef(Strict):
    """The Gateway (Gateway API) that a route attaches to."""

    name: DnsName
    """Its name."""
    namespace: DnsLabel | None = None
    """Its namespace; the stack's own by default."""
    listener: DnsLabel | None = None
    """One listener of it, such as `https`; all by default."""


class OwnGateway(Strict):
    """A Gateway of the stack's own: a listener for each certificate, and plain HTTP that only redirects."""

    gateway_class: DnsName
    """GatewayClass that runs it, such as `envoy-gateway` or `gke-l7-global-external-managed`."""
    annotations: Annotations = {}
    """Annotations of what the class makes for it, such as the Service of type LoadBalancer (`spec.infrastructure`)."""


class TlsSpec(Strict):
    """Where the certificate comes from: a Secret that exists, or an issuer of cert-manager."""

    secret: DnsName | None = None
    """Secret with certificate and key (`kubernetes.io/tls`), for the host alone or as a wildcard for many."""
    secret_namespace: DnsLabel | None = None
    """Namespace of `secret`, the stack's own by default. Only with `gateway`; the stack then grants itself the reference."""
    issuer: DnsName | None = None
    """Issuer of cert-manager in the stack's namespace, which makes the Secret."""
    cluster_issuer: DnsName | None = None
    """ClusterIssuer of cert-manager, which makes the Secret."""
    wildcard: bool = False
    """With an issuer: one certificate `*.staging.example.com` for all hosts of a domain, in place of one for each. Needs DNS-01."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [key for key in ("secret", "issuer", "cluster_issuer") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                "give `secret`, `issuer` or `cluster_issuer`" + (f", not {' and '.join(given)} at once" if given else "")
            )
        for key in ("secret_namespace",) if self.secret is None else ("wildcard",):
            if getattr(self, key):
                raise ValueError(f"`{key}` does nothing {'beside an issuer' if self.secret is None else 'beside `secret`'}")
        return self

    @property
    def issued(self) -> bool:
        """Whether cert-manager makes the certificate."""
        return self.secret is None


class CorsSpec(Strict):
    """Which pages in browsers may call. Gateway and wrapped stdio servers answer browsers themselves."""

    origins: Annotated[list[Origin], Field(min_length=1)]
    """Origins of the pages: `https://app.example.com`."""


class RateLimitSpec(Strict):
    """Requests over it are refused before they reach a pod, with 429 or as the controller says (503 by ingress-nginx)."""

    requests: Annotated[int, Field(ge=1, le=1_000_000), NO_BOOL]
    """Requests per `per`; as many may come at once."""
    per: Literal["second", "minute"] = "second"
    """Unit of time."""
    by: Literal["client", "everyone"] = "client"
    """Counted for each client's address, or for everyone together. Each replica of the controller counts by itself."""


class ExposureDefaults(Strict):
    """How a stack's servers are reached from outside, where they are."""

    via: Literal["gateway-api", "ingress"] = "gateway-api"
    """HTTPRoute attached to a Gateway, or Ingress of class `ingress_class`."""
    parent: ParentRef | None = None
    """Gateway of somebody else that ends TLS and takes the routes. Only with `gateway-api`, instead of the stack's `gateway`."""
    ingress_class: DnsName | None = None
    """Class of the ingress controller. Only with `ingress`."""
    controller: ControllerName | None = None
    """What runs behind the class. By default the class tells: `nginx`, `traefik`, `haproxy`, `contour`, `alb`, `gce` and
    `azure-application-gateway`, also with a suffix as in `nginx-staging`."""
    tls: TlsSpec | None = None
    """Certificate. Plain HTTP is then redirected. With `parent` it is the matter of that Gateway's owner."""
    annotations: Annotations = {}
    """Annotations of the route or Ingress, beside those that follow from the keys here. Those that do nothing are
    refused, as far as the controller is known."""
    controller_namespaces: list[DnsLabel] = []
    """Namespaces of the pods that forward traffic. By default where the controller usually lives, or that of `parent`."""
    idle_seconds: Annotated[int, Field(ge=1, le=86400), NO_BOOL] | None = None
    """How long a stream or an answer may be silent; 3600 by default. Not every controller can be told for one host."""
    max_body_bytes: Positive | None = None
    """Largest request. By default what the proxy takes (`limits.max_body_bytes`) on controllers that would otherwise take less."""
    affinity: Literal["cookie", "client-ip"] | None = None
    """Sends one client to one pod, for legacy servers with sessions in memory; off by default. Few MCP clients keep cookies."""
    cors: CorsSpec | None = None
    """Pages in browsers that may call."""
    rate_limit: RateLimitSpec | None = None
    """Bound on requests, where the controller has one."""


class StackExposure(ExposureDefaults):
    """How a stack's servers are reached from outside, where they have an `exposure`."""

    gateway: OwnGateway | None = None
    """Makes a Gateway for the stack's routes, in place of `parent`."""
    host_pattern: HostPattern = DEFAULT_PATTERN
    """Host of each server: `{server}`, `{environment}` and `{domain}`. What stands in brackets falls away where its value is
    missing: the environment in `production`, the server's name for the gateway."""


class ExposureSpec(ExposureDefaults):
    """One way from outside to one Service. Keys left out come from the stack's `exposure`."""

    enabled: bool = True
    """`false` closes it again."""
    host: Host | None = None
    """By the stack's `host_pattern` by default."""
    aliases: Annotated[list[Host], Field(max_length=15)] = []
    """Further hosts that lead to the same place."""
    path: Prefix = "/"
    """Prefix of the paths that are forwarded."""
    rewrite: Prefix | None = None
    """What takes the place of the prefix `path` on the way. Unchanged by default."""

    @property
    def hosts(self) -> list[str]:
        """Every host, the first of them first; none where it is unknown."""
        return [*([self.host] if self.host is not None else []), *self.aliases]

    def implementation(self, gateway: OwnGateway | None = None) -> Controller | None:
        """What forwards the traffic, as far as it is known. `gateway`: the stack's own."""
        if self.controller is not None:
            return by_name(self.controller)
        if self.via == "ingress":
            return by_class(self.ingress_class or "")
        return by_gateway_class(gateway.gateway_class) if gateway is not None and self.parent is None else None


WayName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9]|-[a-z0-9])*$", max_length=20)]
"""Single dashes only: two of them part it from the name of what it leads to."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way from outside to `part`: its `exposure`, or one of its `exposures` by name."""

    part: str
    name: str
    """Empty for `exposure`."""
    exposure: ExposureSpec

    @property
    def suffix(self) -> str:
        """What parts its objects' names from those of other ways; no server's name holds two dashes."""
        return f"--{self.name}" if self.name else ""

    @property
    def place(self) -> str:
        """Its path in the stack file."""
        subject = GATEWAY if self.part == GATEWAY else join("servers", self.part)
        return join(subject, "exposures", self.name) if self.name else join(subject, "exposure")
