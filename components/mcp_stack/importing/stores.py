"""Stores of seed 003's chart, which are all of Infisical, and the sets of secrets that its services have of them."""

from collections.abc import Mapping
from typing import Any, cast

from . import literals
from .kubernetes import given
from .literals import Vault
from .reading import Section

SYNCED = (
    "no store is made, for want of `global.infisical.projectSlug`; the Secret {0!r} is read as one that exists: sync it, or import "
    "this together with the values below it"
)
CREDENTIALS = "infisical-credentials"
"""What the chart's guide calls the Secret with the credentials."""

RESTART = (
    "`defaults.restart` is `reloader`: the chart never told processes of new values. Stakater's Reloader has to run in the "
    "cluster; docs/secrets.md has the other ways"
)
UNKNOWN = "neither the chart nor a stack file has such a key"
UNNAMED = (
    "no `externalSecret.targetSecretName`, without which the chart did not render; declare it in `secrets` and read it in `env`"
)
NAMED = "its name derives from the stack's"


class Stores:
    """What `global.infisical` and `secret` of the services say. The chart has a store for each service; equal ones are one here."""

    def __init__(self, section: Section, namespace: str | None, vault: Vault) -> None:
        self._at, self._notes, self._vault = section.path, section.notes, vault
        self._given = bool(section.left())
        api, self._project = section.text("hostAPI"), section.text("projectSlug")
        self._usual = given(api=_api(api), project=self._project)
        self._credentials = _credentials(section, namespace) if self._project else (None, "", "")
        store, external = section.section("store"), section.section("externalSecret")
        self._checked, self._interval = store.number("refreshInterval"), external.text("refreshInterval")
        self._stores: dict[str, dict[str, Any]] = {}
        self._sets: dict[str, dict[str, Any]] = {}
        self._named: dict[str, str] = {}
        self._places: dict[str, str] = {}
        for part in (store, external, section):
            part.close("see `projectSlug`, without which there is no store" if not self._project else UNKNOWN)

    def declare(self, section: Section) -> None:
        """Takes `create`, `store` and `externalSecret` of a service."""
        create, store, external = section.flag("create"), section.section("store"), section.section("externalSecret")
        why = "`create` beside it is not true, so it does nothing"
        if create is True:
            target = external.text("targetSecretName")
            if target is None:
                why = "see above; no store is asked"
                section.notes.add(section.path, f"left out: {UNNAMED}")
            elif not self._project:
                why = "see above; no store is asked"
                section.notes.add(section.path, SYNCED.format(target))
            else:
                why = UNKNOWN
                self._declare(target, store, external)
        for part in (store, external):
            part.close(why)

    def _declare(self, target: str, store: Section, external: Section) -> None:
        path, seconds = store.text("secretsPath"), store.number("refreshInterval")
        if seconds is not None and self._checked not in (None, seconds):
            store.notes.add(store.at("refreshInterval"), "acts now; the chart put that of `global` over it")
        backend = {
            **self._usual,
            **given(environment=store.text("environmentSlug"), path=f"/{path.lstrip('/')}" if path else None),
            **given(recursive=store.flag("recursive") or None),
            **({"expand_references": False} if store.flag("expandSecretReferences") is False else {}),
            "auth": {"universal": self._universal()},
        }
        interval = external.text("refreshInterval") or self._interval
        for part in (store, external):
            part.drop("name", NAMED)
        made = {"infisical": backend, **given(refresh_seconds=seconds or self._checked)}
        whole: dict[str, Any] = {"find": {}}
        one = given(store=self._store(made, path or ""), data_from=[whole], refresh=given(interval=interval))
        at = external.at("targetSecretName")
        if (name := self._named.get(target)) is not None:
            if self._sets[name] != one:
                external.notes.add(at, f"left out: {self._places[name]} writes {target!r}, too, and two would fight over it")
            return
        name = literals.unused(literals.secret_name(target), self._vault.taken)
        self._vault.taken.add(name)
        self._named[target], self._sets[name], self._places[name] = name, one, at

    def _universal(self) -> dict[str, dict[str, str]]:
        """The one way to log in that the chart has."""
        name, *keys = self._credentials
        client, secret = ({"existing": name or CREDENTIALS, "key": key} for key in keys)
        return {"client_id": client, "client_secret": secret}

    def _store(self, made: dict[str, Any], path: str) -> str:
        for name, other in self._stores.items():
            if other == made:
                return name
        name = literals.unused(literals.secret_name("infisical", path), self._stores)
        self._stores[name] = made
        return name

    def named(self, target: str | None) -> str | None:
        """Name in `secrets` of what the chart has in the Secret `target`; None where somebody else provides that."""
        return self._named.get(target or "")

    def kept(self, servers: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Keys of the stack: what its servers read. The rest is noted."""
        read = {name.partition("/")[0] for server in servers.values() for name in _read(server)}
        for target, name in self._named.items():
            own = f"is the set {name!r}, in a Secret of the stack's own; who else reads {target!r} needs its `target.name`"
            unread = "left out: no server reads it; name it in `env` or `files` of one"
            self._notes.add(self._places[name], own if name in read else unread)
        secrets = {name: one for name, one in self._sets.items() if name in read}
        asked = {one["store"] for one in secrets.values()}
        if not secrets and self._given:
            self._notes.add(self._at, "left out: no service makes a secret of it that a server reads")
        if secrets:
            self._notes.add("", RESTART)
        if secrets and self._credentials[0] is None:
            at = f"{self._at}.credentials.secretName"
            self._notes.add(at, f"is missing; {CREDENTIALS!r} is put in its place, as in the chart's guide")
        return {
            **given(secret_stores={name: one for name, one in self._stores.items() if name in asked}, secrets=secrets),
            **({"restart": "reloader"} if secrets else {}),
        }


def _api(host: str | None) -> str | None:
    """External Secrets adds `/api` to an address that lacks it; the stack file wants all of it."""
    return f"{host.rstrip('/').removesuffix('/api')}/api" if host else None


def _credentials(section: Section, namespace: str | None) -> tuple[str | None, str, str]:
    """Secret and its two keys: `credentials`, as the chart's template has them, or `authCredentials`, as its values call them."""
    own, values = section.section("credentials"), section.section("authCredentials")
    if own.has("secretName"):
        values.drop("name", "`credentials` beside it is what the chart read")
    elif values.has("name"):
        section.notes.add(values.path, "acts now; the chart's template reads `credentials`, so that its stores had none")
    name = own.text("secretName") or values.text("name")
    for part in (own, values):
        other = part.text("namespace")
        if other not in (None, namespace):
            part.notes.add(part.at("namespace"), f"left out: {other}; a SecretStore reads its own namespace alone: copy the Secret")
    keys = own.text("clientIdKey") or "clientId", own.text("clientSecretKey") or "clientSecret"
    for part in (own, values):
        part.close(UNKNOWN)
    return name, *keys


def _read(server: Mapping[str, Any]) -> list[str]:
    """Secrets that the variables of `server` name."""
    env = cast("dict[str, object]", server.get("env", {}))
    names = [cast("dict[str, str]", value)["secret"] for value in env.values() if isinstance(value, dict)]
    return [*names, *(one["secret"] for one in server.get("env_from", []) if "secret" in one)]
