"""Arguments of a component: SecretSync. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .secret import SecretArgs
from .store import SecretStoreArgs


class SecretSyncArgs(TypedDict):
    """Secrets from stores, from encrypted configuration, and of somebody else."""

    environment: NotRequired[str]
    """Environment, part of hosts except in `production`. The stack's name by default."""
    labels: NotRequired[dict[str, str]]
    """Labels of all objects and pods."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of all objects and pods."""
    secrets: NotRequired[dict[str, SecretArgs]]
    """Secrets that several servers read."""
    secret_stores: NotRequired[dict[str, SecretStoreArgs]]
    """Where secrets come from that name a `store`."""
    stack: NotRequired[str]
    """Prefix of the objects' names; the Pulumi stack's name by default."""
    namespace: NotRequired[pulumi.Input[str]]
    """Existing Kubernetes namespace. `mcp-{stack}` by default."""
    source: NotRequired[str]
    """Where these arguments come from, for error messages."""
    secret_values: NotRequired[pulumi.Input[dict[str, pulumi.Input[str]]]]
    """Values of the secrets that name a `config` key, by that key."""
