"""Secrets from wherever they are kept, as Kubernetes Secrets that stay up to date."""

import pulumi

from .args import SecretSyncArgs
from .children import create
from .inputs import Part, secrets_of
from .manifests import shared_secrets


class SecretSync(pulumi.ComponentResource):
    """Stores, and the secrets that come from them: External Secrets, Infisical's operator, encrypted configuration."""

    secret_names: pulumi.Output[dict[str, str]]
    """Name of the Kubernetes Secret of each secret."""
    secret_keys: pulumi.Output[dict[str, str]]
    """Key of each single value in its Kubernetes Secret."""
    store_names: pulumi.Output[dict[str, str]]
    """Name of each store's object, for what reads it by itself."""

    def __init__(
        self, name: str, args: SecretSyncArgs, opts: pulumi.ResourceOptions | None = None, *, part: Part | None = None
    ) -> None:
        """`part`: the stack as McpStack has worked it out already; then `args` are not read."""
        super().__init__("mcp-stack:index:SecretSync", name, None, opts)
        part = part or secrets_of(name, args)
        spec = part.spec
        made = create(self, name, shared_secrets(spec, part.value_of), part.later)
        found = {secret: spec.secret(part.name, secret) for secret in spec.shared_secrets}
        # Names are told when the values have come: whoever mounts a Secret by them waits for it.
        self.secret_names = _after(part, made, {secret: one.object for secret, one in found.items()})
        self.secret_keys = _after(part, made, {secret: one.key for secret, one in found.items() if one.key})
        self.store_names = _after(part, made, {store: spec.store_object(store)[1] for store in spec.secret_stores})
        self.register_outputs({"secretNames": self.secret_names, "secretKeys": self.secret_keys, "storeNames": self.store_names})


def _after(part: Part, made: dict[str, pulumi.Resource], names: dict[str, str]) -> pulumi.Output[dict[str, str]]:
    """`names`, once everything is made."""
    return pulumi.Output.all(*(one.urn for one in made.values())).apply(lambda _: part.told(names))
