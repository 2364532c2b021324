"""What arguments consist of: workload. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict


class SecurityArgs(TypedDict):
    """The few things about a pod's rights that may differ. Everything else is the restricted profile, for every pod."""

    run_as_user: NotRequired[int]
    """User and group id of the processes, never root's 0; below 10000 it may be a user of the node."""
    read_only_root_filesystem: NotRequired[bool]
    """`false` lets the container write anywhere in its image's copy."""
    assigned_user: NotRequired[bool]
    """`true` leaves user and group to the cluster, as OpenShift wants it: its constraint `restricted-v2` gives each namespace ids
    of its own, and refuses pods that choose. Not beside `run_as_user`."""
    user_namespace: NotRequired[bool]
    """`true` gives pods user ids of their own, which are nobody's on the node (`hostUsers: false`). Runtime, kernel and the file
    systems of all volumes have to be able to (Kubernetes, "User Namespaces")."""
