"""The proxy's configuration: the contract that the proxy and the Pulumi components share.

Importing this package needs pydantic and PyYAML only, never the server.
"""

from .addresses import LOOPBACK, split_address
from .amounts import bytes_of, seconds_of
from .api_keys import KEYS_FILE
from .connections import CLUSTER_AGE_SECONDS, REMOTE_AGE_SECONDS, default_connection_age
from .environment import VARIABLES_DIR, UnreadableVariable, environment
from .errors import ConfigError, Problem
from .guarding import ToolFilter, Validation
from .load import Source, find_source, load, parse
from .logs import Log
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
    limits_of,
    namespace_of,
)
from .names import NAME_RULE, is_server_name
from .observing import Audit, AuditFiles, Management, Metrics
from .placeholders import Placeholder, find_placeholders, literal, substitute
from .process import ProcessConfig
from .server_limits import ServerLimits
from .session_keys import SESSION_KEYS_FILE
from .sharing import Sessions
from .strict import Strict, validate
from .virtual import PromptSelection, ResourceSelection, ToolHints, ToolSelection, VirtualServer
from .wrapping import CliConfig, CliPreset, OptionFilter, Wrapped

__all__ = [
    "CLUSTER_AGE_SECONDS",
    "KEYS_FILE",
    "LOOPBACK",
    "NAME_RULE",
    "REMOTE_AGE_SECONDS",
    "SESSION_KEYS_FILE",
    "VARIABLES_DIR",
    "Audit",
    "AuditFiles",
    "Authentication",
    "CliConfig",
    "CliPreset",
    "ConfigError",
    "Headers",
    "HostPattern",
    "Limits",
    "Log",
    "Management",
    "Metrics",
    "Namespace",
    "OptionFilter",
    "Origin",
    "Placeholder",
    "Problem",
    "ProcessConfig",
    "PromptSelection",
    "ProxyConfig",
    "ResourceSelection",
    "ServerConfig",
    "ServerLimits",
    "ServerName",
    "Sessions",
    "Source",
    "Strict",
    "ToolFilter",
    "ToolHints",
    "ToolSelection",
    "UnreadableVariable",
    "Url",
    "Validation",
    "VirtualServer",
    "Wrapped",
    "bytes_of",
    "default_connection_age",
    "environment",
    "find_placeholders",
    "find_source",
    "is_server_name",
    "limits_of",
    "literal",
    "load",
    "namespace_of",
    "parse",
    "seconds_of",
    "split_address",
    "substitute",
    "validate",
]
