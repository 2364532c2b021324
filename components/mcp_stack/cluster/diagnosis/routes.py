"""Ways from outside that lead nowhere."""

from collections.abc import Iterator

from ...preview.checks.cluster import dig, items
from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import Live, World, conditions, label_of, title_of

TAKEN = (
    Cause(
        "notallowedbylisteners", "the Gateway's listener does not take routes of this namespace; ask its owner for `allowedRoutes`"
    ),
    Cause("nomatchinglistenerhostname", "no listener of the Gateway has this host; mend `host`, or ask its owner for one"),
    Cause("nomatchingparent", "the Gateway has no such listener; mend `parent.listener`"),
    Cause("backendnotfound", "the Service behind it is gone; `pulumi up --refresh` makes it again"),
    Cause("refnotpermitted", "a ReferenceGrant is missing; `pulumi up --refresh` makes it again"),
    Cause(
        "invalidcertificateref",
        "the listener's certificate is no Secret with `tls.crt` and `tls.key`; see what is said of its Certificate",
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
    """Ingresses and Gateways without address, routes that no Gateway takes."""
    for one in world.of("Ingress"):
        if not items(one, "status", "loadBalancer", "ingress"):
            ingress_class = dig(one, "spec", "ingressClassName")
            said = next(iter(world.warnings(one)), "")
            step = f"see whether the controller of IngressClass {ingress_class!r} runs, and whether its Service has an address"
            yield Diagnosis(title_of(one), "no address", said, step)
    for one in world.of("Gateway"):
        yield from _gateway(one)
    for one in world.of("HTTPRoute"):
        parents = items(one, "status", "parents")
        if not parents:
            names = ", ".join(str(dig(ref, "name")) for ref in items(one, "spec", "parentRefs"))
            yield Diagnosis(
                title_of(one),
                "no status",
                "",
                f"no Gateway has looked at it; see whether {names} is there, and its controller runs",
            )
        for parent in parents:
            yield from _negative(f"{title_of(one)} at {dig(parent, 'parentRef', 'name')}", parent)
    for one in world.of("Service"):
        if dig(one, "spec", "type") == "LoadBalancer" and not items(one, "status", "loadBalancer", "ingress"):
            said = next(iter(world.warnings(one)), "")
            yield Diagnosis(
                title_of(one),
                "no address",
                said,
                "see whether the cluster gives addresses to Services of type LoadBalancer, and its quota",
            )


def _gateway(one: Live) -> Iterator[Diagnosis]:
    faults = [*_negative(title_of(one), one.get("status"))]
    for listener in items(one, "status", "listeners"):
        faults += _negative(f"{title_of(one)}/{dig(listener, 'name')}", listener)
    yield from faults
    if not conditions(one.get("status")):
        gateway_class = dig(one, "spec", "gatewayClassName")
        yield Diagnosis(
            title_of(one), "no status", "", f"see whether GatewayClass {gateway_class!r} is there and its controller runs"
        )
    elif not faults and not items(one, "status", "addresses"):
        yield Diagnosis(title_of(one), "no address", "", "see its controller's Service of type LoadBalancer, and the cloud's quota")


def _negative(title: str, status: object) -> Iterator[Diagnosis]:
    for kind, condition in conditions(status).items():
        unknown = kind in POSITIVE and condition.get("status") == "Unknown" and condition.get("reason") == "Pending"
        bad = condition.get("status") == "False" if kind in POSITIVE else kind == "Conflicted" and condition.get("status") == "True"
        if bad or unknown:
            said = one_line(condition.get("message"))
            step = first(TAKEN, f"{condition.get('reason')} {said}", "see the log of the Gateway's controller")
            yield Diagnosis(title, label_of(condition), said, step)
