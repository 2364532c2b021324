"""What arguments consist of: secret. Written by `python -m mcp_stack.spec.arguments`; change the models, not this."""

from typing import NotRequired, TypedDict

import pulumi

from .pushed import PushArgs
from .remote import DataFromArgs, RemoteRefArgs
from .target import RefreshArgs, TargetArgs


class SecretArgs(TypedDict):
    """Where a secret's value comes from: exactly one of `config`, `existing` and `store`. From a store comes one value (`remote`)
    or a set of them (`data`, `data_from`); a store that generates its values gives a set by itself."""

    config: NotRequired[str]
    """Encrypted key of the stack file, set with `pulumi config set --secret github-token`. We create the Secret."""
    existing: NotRequired[pulumi.Input[str]]
    """Secret in the stack's namespace that somebody else provides."""
    key: NotRequired[str]
    """Key within `existing`."""
    store: NotRequired[str]
    """Name in `secret_stores`. Its controller writes the Secret, and keeps it up to date."""
    remote: NotRequired[RemoteRefArgs]
    """The one value of it."""
    data: NotRequired[dict[str, RemoteRefArgs]]
    """Values by the key that each has in the Secret. Who reads one says `{secret: name/KEY}`."""
    data_from: NotRequired[list[DataFromArgs]]
    """Many values at once, under the keys that the store has for them."""
    refresh: NotRequired[RefreshArgs]
    """When the store is read again."""
    target: NotRequired[TargetArgs]
    """The Secret that is written."""
    push: NotRequired[PushArgs]
    """Writes the value into a store, too."""
