"""What judges of single objects cannot see: whether the objects of a stack fit together, and its pods run as restricted ones."""

from collections.abc import Callable, Iterable, Iterator

from ..rendered import KubeObject
from .autoscaling import autoscaling
from .cluster import Cluster
from .disruption import disruption
from .exposure import exposure
from .external import External
from .finding import Finding
from .images import images
from .names import names
from .network import network
from .pod_security import pod_security
from .ports import ports
from .proxy import proxy
from .references import references
from .secrets import secrets
from .selectors import selectors
from .shutdown import shutdown

CHECKS: tuple[Callable[[Cluster], Iterator[Finding]], ...] = (
    names, references, secrets, selectors, ports, exposure, autoscaling, disruption, shutdown, network, proxy, images, pod_security,
)  # fmt: skip
"""In the order in which their findings are best mended."""


def check_objects(objects: Iterable[KubeObject], external: External | None = None) -> list[Finding]:
    """Everything that is wrong with `objects` as a whole. `external` says what else the cluster holds."""
    cluster = Cluster(objects, external or External())
    return [finding for check in CHECKS for finding in check(cluster)]


__all__ = ["CHECKS", "Cluster", "External", "Finding", "check_objects"]
