"""What judges of single objects cannot see: whether the objects of a stack fit together, and its pods run as restricted ones."""

from collections.abc import Callable, Iterable, Iterator

from ...spec import StackSpec
from ..rendered import KubeObject
from .autoscaling import autoscaling
from .cluster import Cluster
from .disruption import disruption
from .exposure import exposure
from .external import External
from .finding import Finding
from .flows import flows
from .images import images
from .names import names
from .network import network
from .pod_security import pod_security
from .ports import ports
from .proxy import proxy
from .references import references
from .rights import rights
from .scraping import scraping
from .secrets import secrets
from .selectors import selectors
from .shutdown import shutdown
from .sizes import sizes
from .storage import storage

CHECKS: tuple[Callable[[Cluster], Iterator[Finding]], ...] = (
    names, sizes, references, secrets, selectors, ports, exposure, autoscaling, disruption, shutdown, storage, network, proxy,
    images, pod_security, rights, scraping,
)  # fmt: skip
"""In the order in which their findings are best mended."""


def check_objects(objects: Iterable[KubeObject], external: External | None = None, spec: StackSpec | None = None) -> list[Finding]:
    """Everything that is wrong with `objects` as a whole. `external`: what else the cluster holds; `spec`: what was asked for."""
    cluster = Cluster(objects, external or External())
    return [*(finding for check in CHECKS for finding in check(cluster)), *flows(cluster, spec)]


__all__ = ["CHECKS", "Cluster", "External", "Finding", "check_objects"]
