"""The validating proxy in the pods of a server of its own image, in front of it."""

from mcp_stack_proxy.config import Limits, Strict, ToolFilter, Validation

from .observing import AuditSpec
from .probes import Port
from .scaling import ResourcesSpec
from .secrets import SecretRef

FRONT_PORT = 9443
"""Port of a proxy before one server, unless `port` says otherwise (seed 000's chart)."""

CONTAINER = "mcp-proxy"
"""Name of a proxy's container in pods that are not its own; its volumes begin with it."""


class FrontAuthenticationSpec(Strict):
    """How callers of the proxy show who they are, the gateway among them."""

    api_keys: SecretRef
    """Secret whose value is the file of keys, as hashes: `mcp-stack-proxy new-key` makes both. A rotated one needs no restart."""
    gateway_key: SecretRef | None = None
    """Secret whose value is the key that the gateway shows, one of `api_keys`. Needed where the gateway offers the server."""


class FrontSpec(Strict):
    """The proxy as a native sidecar (an init container that goes on): it starts before the server, and ends after it."""

    port: Port = FRONT_PORT
    """Port that it listens on. Service, gateway and network policy lead to it alone; nobody but it reaches the server's own."""
    authentication: FrontAuthenticationSpec | None = None
    """Admits only callers with a key. Without it, whoever the network policy admits has to be trusted."""
    trust_network: bool = False
    """States that only trusted clients come past the gateway, where nothing checks who calls. Not beside `authentication`."""
    tools: ToolFilter | None = None
    """Which of its tools anybody sees and may call, whichever way."""
    validation: Validation | None = None
    """What is checked of calls, by the tools' own schemas, whichever way they come."""
    limits: Limits | None = None
    """Bounds on size and time of this proxy; those of `gateway.limits` by default."""
    audit: AuditSpec | None = None
    """What it records of each call. By default calls past the gateway are recorded as `gateway.audit` says."""
    resources: ResourcesSpec = ResourcesSpec()
    """Its own requests and limits; the server's stay those of the server."""
