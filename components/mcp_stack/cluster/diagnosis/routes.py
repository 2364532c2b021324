"""Ways from outside that lead nowhere."""

from collections.abc import Iterator

from ...preview.checks.cluster import dig, items
from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import Live, World, conditions, label_of, name_of, title_of

TAKEN = (
    Cause("listenersnotvalid", "see what is said of its listeners"),
    Cause(
        "portunavailable|no matching entrypoint",
        "its controller does not listen there; have it listen on 80 and 443 (Traefik: its entry points themselves, not a Service)",
    ),
    Cause(
        "notallowedbylisteners", "the Gateway's listener does not take routes of this namespace; ask its owner for `allowedRoutes`"
    ),
    Cause("nomatchinglistenerhostname", "no listener of the Gateway has this host; mend `host`, or ask its owner for one"),
    Cause("nomatchingparent", "the Gateway has no such listener; mend `parent.listener`"),
    Cause("backendnotfound", "the Service behind it is gone; `pulumi up --refresh` makes it again"),
    Cause("refnotpermitted", "a ReferenceGrant is missing; `pulumi up --refresh` makes it again"),
    Cause(
        "invalidcertificateref|certificate",
        "the listener's certificate is no Secret with `tls.crt` and `tls.key`; create it, or see what is said of its Certificate",
    ),
    Cause(
        "unsupported|incompatiblefilters",
        "the Gateway's controller cannot do what is asked; see its conformance, or remove the key",
    ),
    Cause(
        "addressnotassigned|addressnotusable|noresources|pending",
        "the controller has no address to give: see its Service of type LoadBalancer, and the cloud's quota",
    ),
    Cause("conflict", "two listeners want the same; remove one"),
)

POSITIVE = ("Accepted", "Programmed", "ResolvedRefs")
"""Conditions that ought to be true; `Conflicted` ought not (gateway-api.sigs.k8s.io, "Conditions")."""


def routes(world: World) -> Iterator[Diagnosis]:
    """Ingresses and Gateways without address or certificate, routes that no Gateway takes."""
    for one in world.of("Ingress"):
        yield from _ingress(world, one)
    faults = {name_of(one): list(_gateway(one)) for one in world.of("Gateway")}
    for found in faults.values():
        yield from found
    for one in world.of("HTTPRoute"):
        references = items(one, "spec", "parentRefs")
        # What is wrong with the stack's own Gateway has been said; its routes only follow.
        if not any(faults.get(str(dig(ref, "name"))) and dig(ref, "namespace") is None for ref in references):
            yield from _route(one)
    for one in world.of("Service"):
        if dig(one, "spec", "type") == "LoadBalancer" and not items(one, "status", "loadBalancer", "ingress"):
            said = next(iter(world.warnings(one)), "")
            step = "see whether the cluster gives addresses to Services of type LoadBalancer, and its quota"
            yield Diagnosis(title_of(one), "no address", said, step)


def _ingress(world: World, one: Live) -> Iterator[Diagnosis]:
    if not items(one, "status", "loadBalancer", "ingress"):
        ingress_class = dig(one, "spec", "ingressClassName")
        said = next(iter(world.warnings(one)), "")
        step = f"see whether the controller of IngressClass {ingress_class!r} runs, and whether its Service has an address"
        yield Diagnosis(title_of(one), "no address", said, step)
    for tls in items(one, "spec", "tls"):
        if (name := dig(tls, "secretName")) in world.absent:
            step = "create it with `tls.crt` and `tls.key`, or mend `tls.secret`; until then clients see another certificate"
            yield Diagnosis(title_of(one), "no certificate", f"Secret {name!r} is not there", step)


def _route(one: Live) -> Iterator[Diagnosis]:
    parents = items(one, "status", "parents")
    if not parents:
        names = ", ".join(str(dig(ref, "name")) for ref in items(one, "spec", "parentRefs"))
        step = f"no Gateway has looked at it; see whether {names} is there, and its controller runs"
        yield Diagnosis(title_of(one), "no status", "", step)
    for parent in parents:
        yield from _negative(f"{title_of(one)} at {dig(parent, 'parentRef', 'name')}", parent)


def _gateway(one: Live) -> Iterator[Diagnosis]:
    """Its own faults and those of its listeners. Nobody has looked at one whose conditions are still those of its definition."""
    found = conditions(one.get("status"))
    if all(condition.get("reason") == "Pending" for condition in found.values()):
        said = next((one_line(condition.get("message")) for condition in found.values()), "")
        step = f"see whether GatewayClass {dig(one, 'spec', 'gatewayClassName')!r} is there and its controller runs"
        yield Diagnosis(title_of(one), "no status", said, step)
        return
    faults = [*_negative(title_of(one), one.get("status"))]
    for listener in items(one, "status", "listeners"):
        faults += _negative(f"{title_of(one)}/{dig(listener, 'name')}", listener)
    yield from faults
    if not faults and not items(one, "status", "addresses"):
        yield Diagnosis(title_of(one), "no address", "", "see its controller's Service of type LoadBalancer, and the cloud's quota")


def _negative(title: str, status: object) -> Iterator[Diagnosis]:
    """Conditions that are not as they ought to be; what two of them say is told once."""
    told: set[str] = set()
    for kind, condition in conditions(status).items():
        unknown = kind in POSITIVE and condition.get("status") == "Unknown" and condition.get("reason") == "Pending"
        bad = condition.get("status") == "False" if kind in POSITIVE else kind == "Conflicted" and condition.get("status") == "True"
        said = one_line(condition.get("message"))
        if (bad or unknown) and (not said or said not in told):
            told.add(said)
            step = first(TAKEN, f"{condition.get('reason')} {said}", "see the log of the Gateway's controller")
            yield Diagnosis(title, label_of(condition), said, step)
