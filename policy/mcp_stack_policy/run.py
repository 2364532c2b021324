"""All policies over all objects of a program, in this process."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .catalog import POLICIES
from .config import Configuration
from .model import Level, Policy, Program, Settings, Violation
from .resources import Object


@dataclass(frozen=True, slots=True)
class Reported:
    """A violation, of which policy, and what it does."""

    policy: Policy
    level: Level
    violation: Violation

    @property
    def text(self) -> str:
        """What is wrong, and what to do about it."""
        return f"{self.violation.message}; {self.policy.remedy}"


def judge(objects: Iterable[Object], configured: Configuration) -> Iterator[Reported]:
    """Every violation, policy by policy."""
    program = Program(objects)
    for policy in POLICIES:
        level = configured.level_of(policy)
        if level != "disabled":
            yield from (Reported(policy, level, one) for one in violations(policy, program, configured.settings_of(policy)))


def violations(policy: Policy, program: Program, settings: Settings) -> Iterator[Violation]:
    """Where `program` breaks `policy`."""
    for item in program.objects:
        if not any(fnmatchcase(item.title, pattern) for pattern in settings["exempt"]):
            yield from (Violation(item, path, message) for path, message in policy.check(item, program, settings))
