"""The proxy's configuration: the contract that the proxy and the Pulumi components share.

Importing this package needs pydantic and PyYAML only, never the server.
"""

from .addresses import LOOPBACK, split_address
from .api_keys import KEYS_FILE
from .environment import SECRETS_DIR, UnreadableVariable, environment
from .errors import ConfigError, Problem
from .guarding import ToolFilter, Validation
from .load import Source, find_source, load, parse
from .model import (
    Authentication,
    Headers,
    HostPattern,
    Limits,
    Namespace,
    Origin,
    ProxyConfig,
    ServerConfig,
    ServerName,
    Url,
    namespace_of,
)
from .names import NAME_RULE, is_server_name
from .placeholders import Placeholder, find_placeholders, substitute
from .session_keys import SESSION_KEYS_FILE
from .sharing import Sessions
from .strict import Strict, validate

__all__ = [
    "KEYS_FILE",
    "LOOPBACK",
    "NAME_RULE",
    "SECRETS_DIR",
    "SESSION_KEYS_FILE",
    "Authentication",
    "ConfigError",
    "Headers",
    "HostPattern",
    "Limits",
    "Namespace",
    "Origin",
    "Placeholder",
    "Problem",
    "ProxyConfig",
    "ServerConfig",
    "ServerName",
    "Sessions",
    "Source",
    "Strict",
    "ToolFilter",
    "UnreadableVariable",
    "Url",
    "Validation",
    "environment",
    "find_placeholders",
    "find_source",
    "is_server_name",
    "load",
    "namespace_of",
    "parse",
    "split_address",
    "substitute",
    "validate",
]
