"""References to secrets, and secrets that nobody refers to."""

from collections.abc import Callable, Iterator, Set
from difflib import get_close_matches

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..containers import InitContainerSpec
from ..names import GATEWAY
from ..secrets import SecretRef
from ..server import ServerSpec
from ..stack import StackFile, StackSpec
from ..stores import CredentialSpec, SecretSpec, referred
from ..workload import WorkloadSpec

READERS = ("servers", "gateway", "defaults", "monitoring")
"""Where secrets are named."""


def secret_problems(
    spec: StackSpec,
    file: StackFile,
    has_config: Callable[[str], bool] | None,
    faulty: Set[str] = frozenset(),
    *,
    offered: bool,
) -> Iterator[Problem]:
    """Missing, unused and ambiguous secrets; stack-file keys that do not exist. A secret among the `faulty` subjects is declared,
    and one that only a faulty subject may read is no idle one. `offered`: what nothing here uses is for others.
    """
    used: set[str] = set()
    for name, server in spec.servers.items():
        known = {*server.secrets, *file.secrets}
        references = dict([*_references(server, join("servers", name)), *_of_prometheus(spec, name)])
        for place, secret in references.items():
            if secret not in known and not _spoiled(secret, faulty):
                near = get_close_matches(secret, known, n=1)
                hint = f"did you mean `{near[0]}`?" if near else f"declare it under `secrets` or `servers.{name}.secrets`"
                yield Problem(place, f"no secret {secret!r} is declared; {hint}")
        for secret in server.secrets:
            place = join("servers", name, "secrets", secret)
            if secret in file.secrets:
                yield Problem(place, "the stack's `secrets` declare the same name; rename one of them")
            elsewhere = _elsewhere(spec, file, name, secret, server.secrets[secret])
            if secret not in references.values() and "defaults" not in faulty and not elsewhere:
                yield Problem(place, "nothing refers to it; use it in `env` or `files`, or remove it")
        used |= {secret for secret in references.values() if secret not in server.secrets}
    for place, secret in _of_proxies(spec):
        used.add(secret)
        if secret not in file.secrets and not _spoiled(secret, faulty):
            near = get_close_matches(secret, file.secrets, n=1)
            hint = f"did you mean `{near[0]}`?" if near else "declare it under `secrets`"
            yield Problem(place, f"no secret {secret!r} is declared; {hint}")
    used |= {name for name, secret in file.secrets.items() if _elsewhere(spec, file, None, name, secret)}
    disabled = {secret for server in file.servers.values() if not server.enabled for _, secret in _references(server, "")}
    unclear = offered or any(one.startswith(READERS) for one in faulty)
    for secret in () if unclear else file.secrets:
        if secret not in used | disabled:
            yield Problem(join("secrets", secret), "nothing refers to it; use it in `env` or `files` of a server, or remove it")
    if has_config is not None:
        yield from _missing_config(spec, has_config)


def _elsewhere(spec: StackSpec, file: StackFile, owner: str | None, name: str, secret: SecretSpec) -> bool:
    """Whether `secret` is of use though no container reads it: a store gets it, or images are pulled with it."""
    if secret.push is not None:
        return True
    pulled = [*file.image.pull_secrets, *(one for names in file.image.registries.values() for one in names)]
    images = [file.proxy.image, *(server.image for server in file.servers.values())]
    images += [one.image for _, _, one in spec.init_containers()]
    pulled += [one for image in images if image is not None for one in image.pull_secrets or ()]
    return (secret.target.name or spec.secret_object(owner, name)) in pulled


def _spoiled(secret: str, faulty: Set[str]) -> bool:
    """Whether the file declares `secret`, in a way that the schema had to drop."""
    return not faulty.isdisjoint({"secrets", join("secrets", secret)})


def _of_proxies(spec: StackSpec) -> Iterator[tuple[str, str]]:
    """Files of keys, and what containers beside the gateway read: only the stack's secrets can hold it."""
    if spec.gateway.authentication is not None:
        yield "gateway.authentication.api_keys.secret", name_in(spec.gateway.authentication.api_keys.secret)
    if spec.gateway.sessions is not None:
        yield "gateway.sessions.keys.secret", name_in(spec.gateway.sessions.keys.secret)
    yield from _beside(spec.gateway, "gateway")
    if spec.gateway.enabled:
        yield from _of_prometheus(spec, GATEWAY)


def _of_prometheus(spec: StackSpec, part: str) -> Iterator[tuple[str, str]]:
    """What KEDA shows Prometheus on behalf of `part`."""
    for key, secret in spec.prometheus_secrets(part).items():
        yield join("monitoring", "prometheus", "authentication", key, "secret"), name_in(secret)


def _references(server: ServerSpec, place: str) -> Iterator[tuple[str, str]]:
    """Of a server and of the containers beside it."""
    yield from _of_container(server, place)
    for key, one in keys_of(server).items():
        yield join(place, "proxy", "authentication", key, "secret"), name_in(one.secret)
    yield from _beside(server, place)
    yield from _of_backup(server, place)


def _of_backup(server: ServerSpec, place: str) -> Iterator[tuple[str, str]]:
    """What its backups show an object storage."""
    backup = server.backed_up()
    credentials = backup.to.s3.credentials if backup and backup.to.s3 else None
    for key, reference in credentials.references().items() if credentials else ():
        yield join(place, "backup", "to", "s3", "credentials", key), name_in(reference.secret)


def _beside(workload: WorkloadSpec, place: str) -> Iterator[tuple[str, str]]:
    for index, one in enumerate(workload.init_containers):
        yield from _of_container(one, join(place, "init_containers", index))


def _of_container(reader: ServerSpec | InitContainerSpec, place: str) -> Iterator[tuple[str, str]]:
    for variable, value in reader.env.items():
        if isinstance(value, SecretRef):
            yield join(place, "env", variable), name_in(value.secret)
    for path, file in reader.files.items():
        if file.secret:
            yield join(place, "files", path), name_in(file.secret)
    for index, source in enumerate(reader.env_from):
        if source.secret:
            yield join(place, "env_from", index), source.secret


def keys_of(server: ServerSpec) -> dict[str, SecretRef]:
    """Secrets that the proxy in front of `server`, and the gateway, tell each other by; by key of its authentication."""
    asked = server.front.authentication if server.front is not None else None
    if asked is None:
        return {}
    return {"api_keys": asked.api_keys, **({"gateway_key": asked.gateway_key} if asked.gateway_key is not None else {})}


def name_in(reference: str) -> str:
    """Name of the secret that `name` or `name/KEY` refers to."""
    return reference.partition("/")[0]


def _missing_config(spec: StackSpec, has_config: Callable[[str], bool]) -> Iterator[Problem]:
    declared = {join("secrets", name): secret for name, secret in spec.shared_secrets.items()}
    for server, one in spec.servers.items():
        declared.update({join("servers", server, "secrets", name): secret for name, secret in one.secrets.items()})
    keys = {place: secret.config for place, secret in declared.items()}
    for name, store in spec.secret_stores.items():
        found = {join("secret_stores", name, *path): one for path, one in referred(store)}
        keys.update({place: one.config for place, one in found.items() if isinstance(one, CredentialSpec)})
    for place, key in keys.items():
        if key is not None and not has_config(key):
            how = f"pulumi config set --secret {key} --stack {spec.stack}"
            yield Problem(join(place, "config"), f"{key!r} has no value; set it with `{how}`, or pass it in `secret_values`")
