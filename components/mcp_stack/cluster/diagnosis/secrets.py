"""Secrets that do not come from their stores."""

from collections.abc import Iterator

from ...preview.checks.cluster import dig
from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import Live, World, conditions, label_of, title_of

STORES = ("SecretStore", "ClusterSecretStore", "InfisicalAuth", "InfisicalConnection")

SYNCED = ("ExternalSecret", "InfisicalStaticSecret")

CONTROLLERS = {
    "InfisicalStaticSecret": "Infisical's operator",
    "InfisicalAuth": "Infisical's operator",
    "InfisicalConnection": "Infisical's operator",
}
"""Kinds that another controller than External Secrets looks after."""

SYNCING = (
    Cause(
        "secretstore .*not ready|store .*not ready|could not get .*client|clustersecretstore .*not found|secretstore .*not found",
        "mend its store first; see what is said of it",
    ),
    Cause(
        "40[13]\\b|unauthorized|forbidden|access ?denied|permission|invalid credentials",
        "the store's account may not read it; grant it, or mend the store's credentials",
    ),
    Cause(
        "404|not found|does not exist|no secret|nosecret|resourcenotfound",
        "there is no such key or path in the store; mend `key` or `path`, or create it there",
    ),
    Cause("cannot find secret data for key|property", "the value has no such property; mend `property`"),
    Cause("429|throttl|rate", "the store limits how often it is asked; raise `refresh_seconds`"),
    Cause("already owned|not owned|exists", "somebody else's Secret has that name; delete it, or set `target.name`"),
    Cause("template|render", "mend `target.template`"),
)

ENTERING = (
    Cause(
        "40[13]\\b|unauthorized|forbidden|invalid|denied|credential",
        "the store refuses its login; mend the credentials that it refers to",
    ),
    Cause("secret .*not found|cannot get kubernetes secret|could not fetch", "create the Secret with the store's credentials"),
    Cause(
        "no such host|timeout|refused|unreachable|tls|x509",
        "the controller does not reach the store; look at address, DNS and egress of its namespace",
    ),
)


def secrets(world: World) -> Iterator[Diagnosis]:
    """Stores that cannot be entered, and what is not synced from them."""
    for kinds, causes, otherwise in (
        (STORES, ENTERING, "mend the store's settings and credentials"),
        (SYNCED, SYNCING, "mend what the message names"),
    ):
        for kind in kinds:
            for one in world.of(kind):
                yield from _faults(world, one, causes, otherwise)


def _faults(world: World, one: Live, causes: tuple[Cause, ...], otherwise: str) -> Iterator[Diagnosis]:
    kind = str(one.get("kind"))
    found = conditions(one.get("status"))
    if not found:
        controller = CONTROLLERS.get(kind, "External Secrets")
        if dig(one, "spec", "controller"):
            controller = f"the controller {dig(one, 'spec', 'controller')!r}"
        yield Diagnosis(title_of(one), "no status", "", f"no controller has looked at it; see whether {controller} runs")
    for condition in found.values():
        if condition.get("status") == "False":
            said = one_line(condition.get("message"))
            cause = next(iter(world.warnings(one)), "")
            message = cause if len(cause) > len(said) else said
            yield Diagnosis(title_of(one), label_of(condition), message, first(causes, f"{said} {cause}", otherwise))
