"""What a stack file says to exist already, so that checks do not miss it."""

from collections.abc import Iterator

from ..spec import ServerSpec, StackSpec
from ..spec.containers import InitContainerSpec
from ..spec.exposure import ExposureSpec
from ..spec.storage import VolumeSpec
from ..spec.stores import CredentialSpec, SecretSpec, SecretStoreSpec, ServiceAccountRef, referred
from ..spec.variables import ConfigMapRef
from .checks.external import ANYWHERE, External
from .rendered import Rendered

Named = tuple[str, str, str]


def declared_by(spec: StackSpec) -> External:
    """Secrets, ConfigMaps, claims, stores, Gateways and the namespace that `spec` takes from somebody else."""
    return External(frozenset(one for one in _objects(spec) if one[2]))


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
        for secret in secrets.values():
            yield from _templates(secret, own)
    for store in spec.secret_stores.values():
        yield from _stores(store, own)
    images = [one.image for server in spec.servers.values() for one in (server, *server.init_containers)]
    images += [spec.proxy.image, *(one.image for one in spec.gateway.init_containers)]
    pulled = [*spec.image.pull_secrets, *(name for names in spec.image.registries.values() for name in names)]
    pulled += [name for image in images if image is not None for name in image.pull_secrets or ()]
    yield from (("Secret", own, name) for name in pulled)
    for server in spec.servers.values():
        yield from _variables(server, own)
        yield from _backups(server, own)
    for workload in (spec.gateway, *spec.servers.values()):
        yield "ServiceAccount", own, workload.service_account or ""
        for one in workload.init_containers:
            yield from _variables(one, own)
        for volume in workload.volumes.values():
            yield from _volume(volume, own)
    if (kept := spec.gateway.audit.files) is not None and kept.existing_claim is not None:
        yield "PersistentVolumeClaim", own, kept.existing_claim.name
    if (authority := spec.gateway.certificate_authority) is not None:
        yield "ConfigMap", own, authority.existing_config_map or ""
        yield "Secret", own, authority.existing_secret or ""
    for way in spec.exposed():
        yield from _exposed(way.exposure, own)


def _stores(store: SecretStoreSpec, own: str) -> Iterator[Named]:
    """A store of somebody else, and what ours log in with."""
    if store.existing is not None:
        yield store.existing.kind, own if store.existing.kind == "SecretStore" else "", store.existing.name
    for _, one in referred(store):
        namespace = one.namespace or own
        if isinstance(one, ServiceAccountRef):
            yield "ServiceAccount", namespace, one.name
        elif isinstance(one, CredentialSpec):
            yield "Secret", namespace, one.existing or ""
        else:
            yield "Secret", namespace, one.existing_secret or ""
            yield "ConfigMap", namespace, one.existing_config_map or ""
    operator = store.infisical_operator
    if operator is not None and operator.ca is not None:
        yield "Secret", operator.ca.namespace or own, operator.ca.existing


def _templates(secret: SecretSpec, own: str) -> Iterator[Named]:
    """Templates of somebody else, and Secrets of somebody else that a store's controller completes."""
    for source in secret.target.template.sources if secret.target.template else []:
        yield "Secret", own, source.existing_secret or ""
        yield "ConfigMap", own, source.existing_config_map or ""
    if secret.target.creation == "Merge":
        yield "Secret", own, secret.target.name or ""


def _variables(reader: ServerSpec | InitContainerSpec, own: str) -> Iterator[Named]:
    for value in reader.env.values():
        if isinstance(value, ConfigMapRef):
            yield "ConfigMap", own, value.config_map.name
    for source in reader.env_from:
        if source.existing_secret is not None:
            yield "Secret", own, source.existing_secret
        if source.existing_config_map is not None:
            yield "ConfigMap", own, source.existing_config_map


def _backups(server: ServerSpec, own: str) -> Iterator[Named]:
    """Where backups are kept, and what opens it."""
    backup = server.backed_up()
    if backup is None:
        return
    if backup.to.existing_claim is not None:
        yield "PersistentVolumeClaim", own, backup.to.existing_claim.name
    if backup.to.s3 is not None and backup.to.s3.credentials is not None:
        yield "Secret", own, backup.to.s3.credentials.existing_secret or ""


def _volume(volume: VolumeSpec, own: str) -> Iterator[Named]:
    if volume.existing_claim is not None:
        yield "PersistentVolumeClaim", own, volume.existing_claim.name
    if volume.existing_config_map is not None:
        yield "ConfigMap", own, volume.existing_config_map.name
    if volume.existing_secret is not None:
        yield "Secret", own, volume.existing_secret.name
    if volume.csi is not None and volume.csi.existing_secret is not None:
        yield "Secret", own, volume.csi.existing_secret


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
