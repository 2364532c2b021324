"""What restarts pods when a Secret changes that Pulumi does not know the value of."""

from ..spec import StackSpec
from .identity import workload_of

RELOADER = "secret.reloader.stakater.com/reload"
"""Stakater's Reloader: the Secrets whose change rolls the workload. They are named one by one, because files of keys are followed
without a restart (https://github.com/stakater/Reloader)."""

INFISICAL = "secrets.infisical.com/auto-reload"
"""Infisical's operator: a change of any Secret of its own that the pods read rolls the workload."""


def restart_annotations(spec: StackSpec, part: str) -> dict[str, str]:
    """Annotations of the workload `part` itself, not of its pods. Our own Secrets roll it by their checksum."""
    match workload_of(spec, part).restart:
        case "reloader":
            names = sorted({secret.object for secret in spec.secrets_of(part) if secret.config is None})
            return {RELOADER: ",".join(names)} if names else {}
        case "infisical" if any(secret.store for secret in spec.secrets_of(part)):
            return {INFISICAL: "true"}
        case _:
            return {}
