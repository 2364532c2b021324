"""Every policy, in the order in which they are told."""

from .containers import CONTAINER_RESOURCES, PROBES
from .disruption import BLOCKED_DRAINS
from .exposure import UNAUTHENTICATED_EXPOSURE
from .images import PINNED_IMAGES
from .model import Policy
from .networks import UNGUARDED_PODS
from .privileges import HOST_ACCESS
from .rbac import RBAC_WILDCARDS, SECRET_SCOPE
from .scaling import AUTOSCALED_REPLICAS, SCALED_STORAGE
from .secrets import SECRET_LITERALS
from .tokens import MOUNTED_TOKENS

POLICIES: tuple[Policy, ...] = (
    SECRET_LITERALS, UNAUTHENTICATED_EXPOSURE, HOST_ACCESS, RBAC_WILDCARDS, SECRET_SCOPE, PINNED_IMAGES, CONTAINER_RESOURCES,
    PROBES, BLOCKED_DRAINS, AUTOSCALED_REPLICAS, SCALED_STORAGE, MOUNTED_TOKENS, UNGUARDED_PODS,
)  # fmt: skip
