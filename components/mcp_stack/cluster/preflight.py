"""Before the first change: whether the cluster has what the stack needs. A preview warns, an update does not begin."""

from collections.abc import Sequence

import pulumi

from ..manifests import manifests_for
from ..preview.checks import External, Finding
from ..preview.declared import declared_by
from ..preview.rendered import KubeObject
from ..spec import StackSpec
from .api import Api, ClusterError, connect
from .needs import needs_of
from .prerequisites import missing
from .state import read_state
from .volumes import volume_findings


def require(spec: StackSpec, context: str | None, *, preview: bool) -> None:
    """Says what the cluster of `context` lacks; RunError in an update that it would refuse in part.

    One that cannot be asked is the provider's to complain about, which may log in by other ways.
    """
    try:
        with connect(context) as api:
            found = prerequisites(spec, api)
    except ClusterError as error:
        pulumi.log.warn(f"{spec.source}: whether the cluster has what the stack needs is not known: {error}")
        return
    fatal = [one for one in found if one.severity == "error"]
    if fatal and not preview:
        lines = [f"  {one.object}: {one.message}" for one in fatal]
        raise pulumi.RunError(
            "\n".join([f"{spec.source}: the cluster lacks what the stack needs, and nothing was changed:", *lines])
        )
    for one in found:
        pulumi.log.warn(f"{spec.source}: {one}")


def prerequisites(spec: StackSpec, api: Api) -> list[Finding]:
    """What the cluster lacks of what the objects of `spec` need."""
    return lacking([KubeObject(one) for one in manifests_for(spec)], declared_by(spec), api)


def lacking(objects: Sequence[KubeObject], external: External, api: Api) -> list[Finding]:
    """What the cluster lacks of what `objects` need, and what it has that does not go with them. `external`: what their stack
    declares to be somebody else's."""
    needs = needs_of(objects, external)
    return [*missing(needs, read_state(api, needs)), *volume_findings(objects, api)]
