"""What arguments consist of: stack. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class NamespaceArgs(TypedDict):
    """Kubernetes namespace of all objects."""

    name: NotRequired[str]
    """`mcp-{stack}` by default."""
    labels: NotRequired[dict[str, str]]
    """Labels of the namespace alone, beside the stack's: `{istio-injection: disabled}`. Those of pod security stay."""
    annotations: NotRequired[dict[str, str]]
    """Annotations of the namespace alone, beside the stack's: `{openshift.io/node-selector: ""}`."""
    create: NotRequired[bool]
    """`false` uses one that exists; its pod-security labels are then somebody else's."""
    when_deleted: NotRequired[str]
    """What becomes of it when the stack is destroyed. By default it stays where volumes in it do, which would go with it, and where
    somebody else's are mounted; otherwise it goes. The next stack in one that stayed says `create: false`."""
