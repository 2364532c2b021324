"""What arguments consist of: front. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

from .observing import AuditArgs
from .proxy import LimitsArgs, ToolFilterArgs, ValidationArgs
from .scaling import ResourcesArgs
from .secrets import SecretRefArgs


class FrontAuthenticationArgs(TypedDict):
    """How callers of the proxy show who they are, the gateway among them."""

    api_keys: SecretRefArgs
    """Secret whose value is the file of keys, as hashes: `mcp-stack-proxy new-key` makes both. A rotated one needs no restart."""
    gateway_key: NotRequired[SecretRefArgs]
    """Secret whose value is the key that the gateway shows, one of `api_keys`. Needed where the gateway offers the server."""


class FrontArgs(TypedDict):
    """The proxy as a native sidecar (an init container that goes on): it starts before the server, and ends after it."""

    port: NotRequired[int]
    """Port that it listens on. Service, gateway and network policy lead to it alone; nobody but it reaches the server's own."""
    authentication: NotRequired[FrontAuthenticationArgs]
    """Admits only callers with a key. Without it, whoever the network policy admits has to be trusted."""
    trust_network: NotRequired[bool]
    """States that only trusted clients come past the gateway, where nothing checks who calls. Not beside `authentication`."""
    tools: NotRequired[ToolFilterArgs]
    """Which of its tools anybody sees and may call, whichever way."""
    validation: NotRequired[ValidationArgs]
    """What is checked of calls, by the tools' own schemas, whichever way they come."""
    limits: NotRequired[LimitsArgs]
    """Bounds on size and time of this proxy; those of `gateway.limits` by default."""
    audit: NotRequired[AuditArgs]
    """What it records of each call. By default calls past the gateway are recorded as `gateway.audit` says."""
    resources: NotRequired[ResourcesArgs]
    """Its own requests and limits; the server's stay those of the server."""
