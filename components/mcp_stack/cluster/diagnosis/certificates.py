"""Certificates that are not issued. The reason stands at the end of a chain: Certificate, CertificateRequest, Order, Challenge."""

from collections.abc import Iterator

from ...preview.checks.cluster import dig
from .causes import Cause, first
from .found import Diagnosis, one_line
from .world import Live, World, conditions, label_of, title_of

ISSUED = (
    Cause(
        "issuer.*not found|clusterissuer.*not found|referenced .*issuer.* not found",
        "create the issuer, or mend `tls.issuer` or `tls.cluster_issuer`",
    ),
    Cause("issuer.*not ready|not ready", "the issuer itself is not ready: `kubectl describe clusterissuer` says why"),
    Cause(
        "no such host|nxdomain|dns problem|lookup", "the host has no DNS record that leads here; add one, or wait until it is known"
    ),
    Cause(
        "wrong status code|connection refused|timeout during connect|i/o timeout|self check",
        "the authority's request does not arrive: see the route's address, and that port 80 is open from outside",
    ),
    Cause(
        "ratelimited|rate limit|too many",
        "the authority limits how many it issues; wait, or use its staging server until all is right",
    ),
    Cause("caa", "a CAA record of the domain forbids this authority; add it there"),
    Cause("accessdenied|unauthorized|forbidden|40[13]\\b", "the DNS provider refuses cert-manager; mend the solver's credentials"),
    Cause("denied", "a policy of the cluster refused the request; ask who runs it"),
)


def certificates(world: World) -> Iterator[Diagnosis]:
    """One finding for each Certificate, with what the farthest object of its chain says."""
    for one in world.of("Certificate"):
        found = conditions(one.get("status"))
        if not found:
            yield Diagnosis(title_of(one), "no status", "", "no controller has looked at it; see whether cert-manager runs")
            continue
        ready = found.get("Ready")
        if ready is None or ready.get("status") == "True":
            continue
        said = [one_line(ready.get("message")), *_along(world, one)]
        issuing = found.get("Issuing")
        if issuing is not None and issuing.get("status") == "False" and issuing.get("message"):
            said.insert(1, one_line(issuing.get("message")))
        told = [text for text in said if text]
        step = first(
            ISSUED,
            " ".join(reversed(told)),
            f"`kubectl describe certificate -n {dig(one, 'metadata', 'namespace')} {dig(one, 'metadata', 'name')}` shows its steps",
        )
        yield Diagnosis(title_of(one), label_of(ready), told[-1] if told else "", step)


def _along(world: World, certificate: Live) -> Iterator[str]:
    """What requests, orders and challenges of `certificate` say, nearest first."""
    for request in world.owned("CertificateRequest", certificate):
        for condition in conditions(request.get("status")).values():
            refused = condition.get("type") in ("Denied", "InvalidRequest") and condition.get("status") == "True"
            if refused or (condition.get("type") == "Ready" and condition.get("status") == "False"):
                yield one_line(condition.get("message"))
        for order in world.owned("Order", request):
            yield one_line(dig(order, "status", "reason"))
            for challenge in world.owned("Challenge", order):
                yield one_line(dig(challenge, "status", "reason"))
