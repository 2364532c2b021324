"""The stack file: its schema, its rules, and what follows from it without a cluster."""

from .gateway import GatewaySpec
from .load import load_spec, stack_file_name
from .names import GATEWAY, SHARED, object_name
from .outside import public_urls
from .proxy_config import Address, cluster_address, config_text, front_config, gateway_config, wrapper_config
from .schema import stack_file_schema
from .secrets import SecretRef
from .server import Kind, ServerSpec
from .stack import Secret, StackFile, StackSpec

__all__ = [
    "GATEWAY",
    "SHARED",
    "Address",
    "GatewaySpec",
    "Kind",
    "Secret",
    "SecretRef",
    "ServerSpec",
    "StackFile",
    "StackSpec",
    "cluster_address",
    "config_text",
    "front_config",
    "gateway_config",
    "load_spec",
    "object_name",
    "public_urls",
    "stack_file_name",
    "stack_file_schema",
    "wrapper_config",
]
