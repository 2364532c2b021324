"""What a stack file says to exist already, so that checks do not miss it."""

from collections.abc import Iterator

from ..spec import StackSpec
from ..spec.exposure import ExposureSpec
from .checks.external import ANYWHERE, External
from .rendered import Rendered

Named = tuple[str, str, str]


def declared_by(spec: StackSpec) -> External:
    """Secrets, ConfigMaps, Gateways and the namespace that `spec` takes from somebody else."""
    return External(frozenset(_objects(spec)))


def looked_up_by(rendered: Rendered) -> External:
    """Objects that the program reads from the cluster: `Secret.get(...)` says that one is there."""
    found: set[Named] = set()
    for resource in rendered.looked_up:
        namespace, _, name = str(resource.options.get("id", "")).rpartition("/")
        kind = resource.type.rpartition(":")[2]
        found.add((kind, namespace or ("" if kind == "Namespace" else ANYWHERE), name))
    return External(frozenset(found))


def _objects(spec: StackSpec) -> Iterator[Named]:
    own = spec.namespace
    if not spec.create_namespace:
        yield "Namespace", "", own
    for secrets in (spec.shared_secrets, *(server.secrets for server in spec.servers.values())):
        yield from (("Secret", own, secret.existing) for secret in secrets.values() if secret.existing is not None)
    pulled = [*spec.image.pull_secrets]
    for image in (spec.proxy.image, *(server.image for server in spec.servers.values())):
        pulled += (image.pull_secrets or []) if image is not None else []
    yield from (("Secret", own, name) for name in pulled)
    for server in spec.servers.values():
        for source in server.env_from:
            if source.existing_secret is not None:
                yield "Secret", own, source.existing_secret
            if source.existing_config_map is not None:
                yield "ConfigMap", own, source.existing_config_map
    for _, exposure in spec.exposed():
        yield from _exposed(exposure, own)


def _exposed(exposure: ExposureSpec, own: str) -> Iterator[Named]:
    tls, parent = exposure.tls, exposure.parent
    if tls is not None and tls.secret is not None:
        yield "Secret", tls.secret_namespace or own, tls.secret
        if tls.secret_namespace is not None:
            yield "Namespace", "", tls.secret_namespace
    if tls is not None and tls.issuer is not None:
        yield "Issuer", own, tls.issuer
    if tls is not None and tls.cluster_issuer is not None:
        yield "ClusterIssuer", "", tls.cluster_issuer
    if parent is not None:
        yield "Gateway", parent.namespace or own, parent.name
