"""Stores, what is asked of them, and who reads what came: the rules that only an admission webhook or a failed sync would tell."""

from collections.abc import Iterator, Set
from difflib import get_close_matches

from mcp_stack_proxy.config import Problem
from mcp_stack_proxy.config.strict import join

from ..containers import InitContainerSpec
from ..names import ALL_KEYS, GATEWAY
from ..secrets import SecretRef
from ..server import ServerSpec
from ..stack import StackFile, StackSpec
from ..stores import CertificateAuthority, CredentialSpec, SecretSpec, SecretStoreSpec, ServiceAccountRef, referred
from .asking import asking_problems, keys_in
from .secrets import keys_of


def store_problems(spec: StackSpec, file: StackFile, faulty: Set[str] = frozenset(), *, offered: bool) -> Iterator[Problem]:
    """Stores that are missing, unused or cannot be read; secrets that a store cannot give; references to keys that are not there.

    A store or secret among the `faulty` subjects is declared, and who may use a store may be faulty, too. `offered`: secrets and
    stores that nothing here uses are for others.
    """
    secrets = dict(_declared(spec))
    used: set[str] = set()
    for place, secret in secrets.items():
        named = {join(place, "store"): secret.store, join(place, "push", "store"): secret.push.store if secret.push else None}
        for at, store in named.items():
            if store is None or store in spec.secret_stores:
                continue
            if faulty.isdisjoint({"secret_stores", join("secret_stores", store)}):
                near = get_close_matches(store, spec.secret_stores, n=1)
                hint = f"did you mean `{near[0]}`?" if near else "declare it under `secret_stores`"
                yield Problem(at, f"no store {store!r} is declared; {hint}")
        used |= {store for store in named.values() if store is not None}
        yield from asking_problems(spec, secret, place)
    disabled = (server for server in file.servers.values() if not server.enabled)
    resting = [one for server in disabled for one in server.secrets.values()]
    used |= {store for one in resting for store in (one.store, one.push.store if one.push else None) if store is not None}
    for name, store in spec.secret_stores.items():
        if name not in used and not offered and not any(one.startswith(("servers", "secrets")) for one in faulty):
            yield Problem(join("secret_stores", name), "no secret names it as its `store`; use it, or remove it")
        yield from _namespaces(store, join("secret_stores", name))
    yield from _targets(spec)
    yield from (problem for name, problem in _references(spec) if faulty.isdisjoint({"secrets", join("secrets", name)}))


def _declared(spec: StackSpec) -> Iterator[tuple[str, SecretSpec]]:
    for name, secret in spec.shared_secrets.items():
        yield join("secrets", name), secret
    for server, one in spec.servers.items():
        for name, secret in one.secrets.items():
            yield join("servers", server, "secrets", name), secret


def _namespaces(store: SecretStoreSpec, place: str) -> Iterator[Problem]:
    """A ClusterSecretStore lies nowhere, so its references have to say where; a SecretStore may not look elsewhere."""
    if store.backend == "infisical_operator":
        return
    for path, one in referred(store):
        named = isinstance(one, ServiceAccountRef) or (
            one.existing is not None if isinstance(one, CredentialSpec) else one.bundle is None
        )
        if named and store.cluster and one.namespace is None:
            yield Problem(join(place, *path, "namespace"), "required, the store is cluster-wide and lies in no namespace")
        elif one.namespace is not None and not store.cluster:
            what = "certificates" if isinstance(one, CertificateAuthority) else "credentials"
            hint, reader = f"keep the {what} in the stack's namespace and remove it", "generator"
            if store.generated is None:
                hint, reader = f"{hint}, or set `cluster: true`", "SecretStore"
            yield Problem(join(place, *path, "namespace"), f"refused, a {reader} reads its own namespace alone; {hint}")


def _targets(spec: StackSpec) -> Iterator[Problem]:
    """Two declarations that write one Secret fight over it, unless each only completes it."""
    writers: dict[str, tuple[str, SecretSpec]] = {}
    for owner, secrets in [(None, spec.shared_secrets), *((name, one.secrets) for name, one in spec.servers.items())]:
        for name, secret in secrets.items():
            if secret.existing is not None:
                continue
            place = join("secrets", name) if owner is None else join("servers", owner, "secrets", name)
            written = secret.target.name or spec.secret_object(owner, name)
            other, theirs = writers.setdefault(written, (place, secret))
            if other != place and (secret.target.creation == "Owner" or theirs.target.creation == "Owner"):
                hint = "give them different names, or make one set of both"
                yield Problem(join(place, "target", "name"), f"{other} writes the Secret {written!r}, too; {hint}")


def _references(spec: StackSpec) -> Iterator[tuple[str, Problem]]:
    """`name/KEY` for sets, `name` for single values, `name/*` for directories."""
    gateway = spec.gateway
    if gateway.authentication is not None:
        yield from _reference(spec, "", gateway.authentication.api_keys.secret, "gateway.authentication.api_keys.secret")
    if gateway.sessions is not None:
        yield from _reference(spec, "", gateway.sessions.keys.secret, "gateway.sessions.keys.secret")
    for part in (GATEWAY, *spec.servers):
        for key, secret in spec.prometheus_secrets(part).items():
            yield from _reference(spec, part, secret, join("monitoring", "prometheus", "authentication", key, "secret"))
    for name, server in spec.servers.items():
        yield from _of_container(spec, name, server, join("servers", name))
        for key, one in keys_of(server).items():
            yield from _reference(spec, name, one.secret, join("servers", name, "proxy", "authentication", key, "secret"))
    for place, part, workload in spec.workloads():
        for index, one in enumerate(workload.init_containers):
            yield from _of_container(spec, part, one, join(place, "init_containers", index))


def _of_container(spec: StackSpec, part: str, reader: ServerSpec | InitContainerSpec, place: str) -> Iterator[tuple[str, Problem]]:
    for variable, value in reader.env.items():
        if isinstance(value, SecretRef):
            yield from _reference(spec, part, value.secret, join(place, "env", variable))
    for path, file in reader.files.items():
        if file.secret is not None:
            yield from _reference(spec, part, file.secret, join(place, "files", path), whole=True)
    for index, source in enumerate(reader.env_from):
        if source.secret is not None and (declared := spec.declared(part, source.secret)) and not declared.is_set:
            what = f"{source.secret!r} is a single value; use it in `env`"
            yield source.secret, Problem(join(place, "env_from", index, "secret"), what)


def _reference(spec: StackSpec, server: str, reference: str, place: str, *, whole: bool = False) -> Iterator[tuple[str, Problem]]:
    name, _, key = reference.partition("/")
    declared = spec.declared(server, name)
    if declared is None:
        return
    if not declared.is_set:
        if key:
            yield name, Problem(place, f"{name!r} is a single value; write {name!r} without a key")
    elif key == ALL_KEYS:
        if not whole:
            yield name, Problem(place, f"{reference!r} is a whole set, and this takes one value; name a key: `{name}/KEY`")
    elif not key:
        hint = f", or `{name}/{ALL_KEYS}` for a directory with all of them" if whole else ""
        yield name, Problem(place, f"{name!r} is a set; name one of its keys: `{name}/KEY`{hint}")
    elif (keys := keys_in(spec, declared)) is not None and key not in keys:
        yield name, Problem(place, f"{name!r} has no key {key!r}; it has: {', '.join(sorted(keys))}")
