"""The Secret that a controller writes: when, what becomes of it, and what is made of the values first."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from mcp_stack_proxy.config import Strict
from mcp_stack_proxy.config.amounts import Duration

from ..names import Annotations, DnsName, Labels, SecretKey
from .credentials import exactly_one
from .cron import schedule


class SyncWindow(Strict):
    """A time that begins again and again."""

    schedule: Annotated[str, AfterValidator(schedule)]
    """When it begins: five fields of cron in UTC, such as `0 22 * * 1-5`, or `@daily`."""
    duration: Duration
    """How long it lasts: `8h`."""


class SyncWindows(Strict):
    """Times at which alone, or at which never, values are read again. The first read waits for none."""

    kind: Literal["allow", "deny"]
    """`allow`: only while one of them lasts. `deny`: never while one does."""
    windows: Annotated[list[SyncWindow], Field(min_length=1)]
    """The times."""


class RefreshSpec(Strict):
    """When a store is read again."""

    interval: Duration = "1m"
    """Time between two reads."""
    policy: Literal["Periodic", "OnChange", "CreatedOnce"] = "Periodic"
    """`OnChange` reads when this declaration changes, `CreatedOnce` never again; `interval` does nothing for them."""

    sync_windows: SyncWindows | None = None
    """Times at which alone, or at which never, that happens (External Secrets 2.9 and later)."""

    @model_validator(mode="after")
    def _interval_counts(self) -> Self:
        for key in ("interval", "sync_windows"):
            if self.policy != "Periodic" and key in self.model_fields_set:
                raise ValueError(f"`{key}` does nothing with `policy: {self.policy}`; remove one of them")
        return self


class TemplateSource(Strict):
    """A template from elsewhere: exactly one of `literal`, `existing_config_map` and `existing_secret`."""

    literal: Annotated[str, Field(min_length=1)] | None = None
    """Template that yields lines `key: value`."""
    existing_config_map: DnsName | None = None
    """ConfigMap in the stack's namespace that holds templates."""
    existing_secret: DnsName | None = None
    """Secret in the stack's namespace that holds templates."""
    keys: list[SecretKey] = []
    """Which keys of it are templates."""
    keys_and_values: bool = False
    """Each template yields lines `key: value`; otherwise it yields the value of its own key."""
    target: Literal["Data", "Annotations", "Labels"] = "Data"
    """What of the Secret they make."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        literal = exactly_one(self, ("literal", "existing_config_map", "existing_secret")) == "literal"
        if literal and (self.keys or self.keys_and_values):
            raise ValueError("`keys` and `keys_and_values` do nothing beside `literal`")
        if not literal and not self.keys:
            raise ValueError("name in `keys` which of its keys are templates")
        return self


class TemplateSpec(Strict):
    """What is made of the values (Go templates, engine v2 of External Secrets): `{{ .KEY }}` is one of them."""

    type: Annotated[str, Field(min_length=1)] | None = None
    """Type of the Secret; Opaque by default."""
    data: dict[SecretKey, str] = {}
    """Keys of the Secret, and the template of each."""
    sources: list[TemplateSource] = []
    """Further templates."""
    merge_policy: Literal["Replace", "Merge"] = "Replace"
    """Whether the values themselves stay beside what the templates make."""
    labels: Labels = {}
    """Labels of the Secret."""
    annotations: Annotations = {}
    """Annotations of the Secret."""

    @model_validator(mode="after")
    def _no_tokens(self) -> Self:
        """The webhook's rule: nobody gets a long-lived token of the cluster this way."""
        if self.type == "bootstrap.kubernetes.io/token":
            raise ValueError(f"`type: {self.type}` is refused by External Secrets: it would let the holder join nodes")
        if self.type == "kubernetes.io/service-account-token" and (
            "kubernetes.io/service-account.name" in self.annotations or any(one.target == "Annotations" for one in self.sources)
        ):
            raise ValueError(f"`type: {self.type}` that names its account is refused by External Secrets: it would make a token")
        return self

    @property
    def makes_data(self) -> bool:
        """Whether the Secret's data come from templates."""
        return bool(self.data) or any(one.target == "Data" for one in self.sources)


class TargetSpec(Strict):
    """The Secret that is written."""

    name: DnsName | None = None
    """Its name; `{stack}-{server or shared}.{secret}` by default."""
    creation: Literal["Owner", "Orphan", "Merge", "CreateOrMerge"] = "Owner"
    """`Owner`: made, and gone with this declaration. `Orphan`: made, and kept. `Merge`: somebody else's, and completed."""
    deletion: Literal["Retain", "Delete", "Merge"] = "Retain"
    """What happens when the values are gone from the store: the Secret stays as it is, is deleted, or loses these keys."""
    template: TemplateSpec | None = None
    """What is made of the values first; by default they are taken as they are."""
    registry: Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:[0-9]+)?$")] | None = None
    """Host of a registry: the Secret becomes one that images are pulled with, of the values `username` and `password`. Name it in
    `image.pull_secrets`, or in `image.registries`."""

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if self.deletion == "Delete" and self.creation not in ("Owner", "Orphan"):
            raise ValueError(
                f"`deletion: Delete` is refused beside `creation: {self.creation}`, which does not own the Secret; "
                "use `creation: Owner`, or `deletion: Merge`"
            )
        if self.registry is not None and self.template is not None:
            raise ValueError("`template` contradicts `registry`, which says what is made of the values; remove one of them")
        if self.registry is not None and self.creation not in ("Owner", "Orphan"):
            raise ValueError(f"`registry` makes a Secret of a type of its own, which `creation: {self.creation}` cannot complete")
        if self.creation in ("Merge", "CreateOrMerge") and self.name is None:
            raise ValueError(f"`creation: {self.creation}` completes a Secret of somebody else: give its `name`")
        return self
