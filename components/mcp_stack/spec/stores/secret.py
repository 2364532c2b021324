"""A secret: where its value comes from is said once."""

from typing import Self

from pydantic import model_validator

from mcp_stack_proxy.config import Strict

from ..names import DnsLabel, DnsName, SecretKey
from .credentials import ConfigKey
from .pushed import PushSpec
from .remote import DataFrom, RemoteRef
from .target import RefreshSpec, TargetSpec

VALUE = "value"
"""Key of a single value in its Secret."""

DOCKER_CONFIG = ".dockerconfigjson"
"""Key of a Secret that images are pulled with."""


class SecretSpec(Strict):
    """Where a secret's value comes from: exactly one of `config`, `existing` and `store`. From a store comes one value (`remote`)
    or a set of them (`data`, `data_from`); a store that generates its values gives a set by itself."""

    config: ConfigKey | None = None
    """Encrypted key of the stack file, set with `pulumi config set --secret github-token`. We create the Secret."""
    existing: DnsName | None = None
    """Secret in the stack's namespace that somebody else provides."""
    key: SecretKey | None = None
    """Key within `existing`."""
    store: DnsLabel | None = None
    """Name in `secret_stores`. Its controller writes the Secret, and keeps it up to date."""
    remote: RemoteRef | None = None
    """The one value of it."""
    data: dict[SecretKey, RemoteRef] = {}
    """Values by the key that each has in the Secret. Who reads one says `{secret: name/KEY}`."""
    data_from: list[DataFrom] = []
    """Many values at once, under the keys that the store has for them."""
    refresh: RefreshSpec = RefreshSpec()
    """When the store is read again."""
    target: TargetSpec = TargetSpec()
    """The Secret that is written."""
    push: PushSpec | None = None
    """Writes the value into a store, too."""

    @property
    def is_generated(self) -> bool:
        """Whether nothing is asked of the store: it makes its values by itself."""
        return self.store is not None and self.remote is None and not self.data and not self.data_from

    @property
    def is_set(self) -> bool:
        """Whether it holds several values, each with a key of its own."""
        return self.store is not None and self.remote is None

    @property
    def keys(self) -> frozenset[str] | None:
        """Keys of the Secret that the store's controller writes; None where only the store knows them."""
        if self.target.registry is not None:
            return frozenset({DOCKER_CONFIG})
        template = self.target.template
        written = {VALUE} if self.remote is not None else set(self.data)
        if template is None or not template.makes_data:
            return None if self.data_from or self.is_generated else frozenset(written)
        kept = template.merge_policy == "Merge"
        if any(one.target == "Data" for one in template.sources) or (kept and self.data_from):
            return None
        return frozenset({*template.data, *(written if kept else ())})

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("config", "existing", "store") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                "give either `config` (a key of the stack file), `existing` with `key` (somebody else's Secret), "
                "or `store` with `remote` (a store's value)"
            )
        if (self.existing is None) != (self.key is None):
            raise ValueError("`existing` needs a `key`" if self.existing else f"`key` does nothing beside `{given[0]}`")
        of_stores = ("remote", "data", "data_from", "refresh", "target")
        if self.store is None and (inert := sorted(self.model_fields_set.intersection(of_stores))):
            raise ValueError(f"`{inert[0]}` does nothing without `store`")
        if self.store is not None:
            self._one_extent()
        if self.push is not None and (self.push.of is None) == self.is_set:
            of_set = "name in `push.of` which value of the set it is"
            raise ValueError(of_set if self.is_set else "`push.of` does nothing for a single value")
        return self

    def _one_extent(self) -> None:
        if self.remote is not None and bool(self.data or self.data_from):
            raise ValueError("give either `remote` (one value), or `data` or `data_from` (a set)")
        if self.remote is not None and (keys := self.keys) is not None and VALUE not in keys:
            if self.target.registry is not None:
                raise ValueError("`target.registry` needs a set with `username` and `password`, not one value (`remote`)")
            raise ValueError(f"`target.template` leaves out the key `{VALUE}`, which holds the one value; add it to `data`")
