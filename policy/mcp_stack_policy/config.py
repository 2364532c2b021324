"""What a user sets about policies, in the form that `pulumi … --policy-pack-config` takes (pulumi.com, "Policy configuration")."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from .catalog import POLICIES
from .model import Level, Option, Policy, Settings

LEVELS: tuple[Level, ...] = ("mandatory", "advisory", "disabled")

ALL = "all"
"""In place of a policy's name: the level of all that are not named themselves."""

LEVEL = "enforcementLevel"


class PolicyConfigError(ValueError):
    """Everything that is wrong with a configuration."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Configuration:
    """Levels and settings by the name of a policy; what is not there is as the policy has it."""

    levels: Mapping[str, Level]
    settings: Mapping[str, Mapping[str, Any]]

    def level_of(self, policy: Policy) -> Level:
        """What a violation of `policy` does."""
        return self.levels.get(policy.name, self.levels.get(ALL, policy.level))

    def settings_of(self, policy: Policy) -> Settings:
        """Settings of `policy`, defaults filled in."""
        return {**policy.defaults(), **self.settings.get(policy.name, {})}


def configuration(data: object) -> Configuration:
    """The configuration that `data` (parsed JSON) describes. PolicyConfigError names every problem."""
    if not isinstance(data, Mapping):
        raise PolicyConfigError(["a mapping of policies to levels or settings is needed"])
    by_name = {policy.name: policy for policy in POLICIES}
    levels: dict[str, Level] = {}
    settings: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for name, value in cast("Mapping[str, Any]", data).items():
        if name != ALL and name not in by_name:
            problems.append(f"{name}: no such policy{_meant(name, by_name)}")
            continue
        given: dict[str, Any] = dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else {LEVEL: value}
        level = given.pop(LEVEL, None)
        if level in LEVELS:
            levels[name] = level
        elif level is not None:
            problems.append(f"{name}.{LEVEL}: {level!r} is no level: {', '.join(LEVELS)}")
        problems += _problems(name, given, by_name[name].options if name != ALL else {})
        settings[name] = given
    if problems:
        raise PolicyConfigError(problems)
    return Configuration(levels, settings)


def _problems(name: str, given: Mapping[str, Any], options: Mapping[str, Option]) -> Iterator[str]:
    for key, value in given.items():
        if key not in options:
            yield f"{name}.{key}: no such setting{_meant(key, options)}"
        elif not _fits(value, options[key].schema):
            yield f"{name}.{key}: {value!r} does not fit: {_wanted(options[key].schema)}"


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    match schema["type"]:
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list) and all(isinstance(one, str) for one in cast("list[Any]", value))
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool) and value >= schema["minimum"]
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool) and value >= schema["minimum"]


def _wanted(schema: Mapping[str, Any]) -> str:
    what = {"boolean": "true or false", "array": "a list of texts", "integer": "a whole number", "number": "a number"}[
        schema["type"]
    ]
    return f"{what}, at least {schema['minimum']}" if "minimum" in schema else what


def _meant(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f", did you mean `{near[0]}`?" if near else f"; there are: {', '.join(known)}" if known else ""
