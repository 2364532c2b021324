"""What a program asked the engine for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Resource:
    """One registration. `inputs` hold Secret and Unknown where the program marked or could not know a value."""

    urn: str
    """As the engine writes it, every parent's type included."""
    type: str
    name: str
    """Logical name."""
    parent: str
    """URN of the parent; that of the stack for a root resource."""
    inputs: Mapping[str, Any]
    custom: bool = True
    """`false` for components."""
    remote: bool = False
    """Whether a plugin makes it, so that its children are not seen here."""
    read: bool = False
    """Whether it exists already and is only looked up."""
    provider: str = ""
    """URN of its provider; empty where Pulumi would take a default one."""
    aliases: tuple[str, ...] = ()
    """URNs that it had in earlier versions of the program."""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Resource options that were set, named as in Pulumi's protocol: `protect`, `ignoreChanges`, `customTimeouts`..."""


@dataclass(frozen=True, slots=True)
class Run:
    """One evaluation of a program."""

    resources: tuple[Resource, ...]
    """In order of URN: the order of registration differs from run to run."""
    outputs: Mapping[str, Any]
    """Stack outputs."""
    warnings: tuple[str, ...] = ()
    """What the program logged as a warning."""


def type_chain(urn: str) -> str:
    """Types from the outermost component to the resource itself, joined by `$`."""
    return urn.split("::")[2]
