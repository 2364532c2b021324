"""The policy pack: `pulumi preview --policy-pack policy`. The engine starts this program and asks it over gRPC."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi_policy
from pulumi_policy.proxy import UnknownValueError

from mcp_stack_policy import POLICIES, UNKNOWN, Policy, Program, objects_of
from mcp_stack_policy.run import violations

Report = Callable[..., None]


def plain(value: Any) -> Any:
    """Properties as policies read them. Numbers arrive as floats; what is unknown raises where it is looked at."""
    if isinstance(value, Mapping):
        return {key: _looked_at(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_looked_at(value, index) for index in range(len(value))]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _looked_at(holder: Any, key: Any) -> Any:
    try:
        return plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def told(policy: Policy, program: Program, config: Mapping[str, Any], report: Report) -> None:
    """Reports what breaks `policy`. The engine puts the policy's title in front, and what to do stands behind."""
    for found in violations(policy, program, {**policy.defaults(), **plain(config)}):
        place = f"{found.object.title} {found.path}".rstrip()
        report(f"{place}: {found.message}; {policy.remedy}", found.object.urn or None)


def described(policy: Policy) -> pulumi_policy.Policy:
    """`policy` as Pulumi's SDK has it: for each resource before it is made, or for all of them together."""

    def resource(args: pulumi_policy.ResourceValidationArgs, report: Report) -> None:
        told(policy, Program(objects_of(args.resource_type, args.urn, plain(args.props))), args.get_config(), report)

    def stack(args: pulumi_policy.StackValidationArgs, report: Report) -> None:
        found = [one for each in args.resources for one in objects_of(each.resource_type, each.urn, plain(each.props))]
        told(policy, Program(found), args.get_config(), report)

    kind = pulumi_policy.StackValidationPolicy if policy.whole else pulumi_policy.ResourceValidationPolicy
    return kind(
        name=policy.name,
        description=policy.title,
        validate=stack if policy.whole else resource,
        enforcement_level=pulumi_policy.EnforcementLevel(policy.level),
        config_schema=pulumi_policy.PolicyConfigSchema({name: dict(one.schema) for name, one in policy.options.items()}),
        severity=pulumi_policy.Severity(policy.severity),
        remediation_steps=policy.remedy,
    )


if __name__ == "__main__":
    pulumi_policy.PolicyPack("mcp-stack", [described(policy) for policy in POLICIES])
