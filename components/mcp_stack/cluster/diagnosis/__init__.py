"""What is wrong with a stack that runs: object, condition and next step."""

from collections.abc import Callable, Iterator

from .certificates import certificates
from .found import Diagnosis
from .jobs import jobs
from .pods import pods
from .routes import routes
from .scaling import scaling
from .secrets import secrets
from .workloads import claims, workloads
from .world import Live, World

LOOKS: tuple[Callable[[World], Iterator[Diagnosis]], ...] = (secrets, claims, workloads, pods, jobs, scaling, certificates, routes)
"""In the order in which faults follow from each other."""


def diagnose(world: World) -> list[Diagnosis]:
    """Every fault of the objects in `world`."""
    return [one for look in LOOKS for one in look(world)]


__all__ = ["LOOKS", "Diagnosis", "Live", "World", "diagnose"]
