"""Every room of the stack file, in the order in which they prepare a stack."""

from tests.spec.keys import (
    audit,
    backup,
    exposure,
    front,
    monitoring,
    network,
    placement,
    pods,
    proxy,
    scaling,
    secrets,
    stack,
    storage,
    stores,
    workloads,
)

ROOMS = tuple(
    one.ROOM
    for one in (
        stack,
        exposure,
        scaling,
        placement,
        pods,
        storage,
        backup,
        proxy,
        monitoring,
        audit,
        network,
        workloads,
        front,
        secrets,
        stores,
    )
)
