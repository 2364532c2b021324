"""How the pods of a workload give way to their successors."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import NO_BOOL

Count = Annotated[int, Field(ge=0, le=1000), NO_BOOL]


class RolloutSpec(Strict):
    """How pods are replaced: by default a new one has to be ready before an old one goes, so that no call is lost. Where there is
    no room for one more, such as on nodes whose GPUs are all taken, an old one has to go first. Not beside `storage`."""

    max_surge: Count = 1
    """Pods that may be there beyond the replicas."""
    max_unavailable: Count = 0
    """Pods that may be missing meanwhile. At one replica nobody answers then."""
    recreate: bool = False
    """`true` ends all old pods before the first new one starts: for what must never run twice. Nobody answers meanwhile."""

    @model_validator(mode="after")
    def _moves(self) -> Self:
        counts = self.model_fields_set & {"max_surge", "max_unavailable"}
        if self.recreate and counts:
            raise ValueError(
                f"{' and '.join(f'`{one}`' for one in sorted(counts))} does nothing beside `recreate`; remove one of them"
            )
        if self.max_surge == 0 and self.max_unavailable == 0:
            raise ValueError(
                "`max_surge` and `max_unavailable` are both 0, so no pod could ever be replaced; give one of them at least 1"
            )
        return self
