"""Names and addresses within pods."""

from typing import Any

from ..spec.workload import WorkloadSpec


def resolving(workload: WorkloadSpec) -> dict[str, Any]:
    """Fields of a pod by which its containers find addresses; absent where the cluster's own suffice."""
    names_of: dict[str, list[str]] = {}
    for name, address in sorted(workload.host_aliases.items()):
        names_of.setdefault(address, []).append(name)
    fields: dict[str, Any] = {}
    if names_of:
        fields["hostAliases"] = [{"ip": address, "hostnames": names} for address, names in names_of.items()]
    dns = workload.dns
    given: dict[str, Any] = {"searches": dns.searches} if dns.searches else {}
    if dns.ndots is not None:
        given["options"] = [{"name": "ndots", "value": str(dns.ndots)}]
    if given:
        fields |= {"dnsPolicy": "ClusterFirst", "dnsConfig": given}
    return fields
