"""Ranges of semantic versions (2.0.0), as npm and Helm write them: `^1.4`, `~1.4.2`, `>=1.4 <3`, `1.x`, several joined by `||`."""

import re
from dataclasses import dataclass
from functools import total_ordering

_VERSION = re.compile(
    r"v?(?P<major>0|[1-9][0-9]*)\.(?P<minor>0|[1-9][0-9]*)\.(?P<patch>0|[1-9][0-9]*)(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)
"""Without build metadata, whose `+` no tag can hold; a leading `v` is common in registries."""

_PART = re.compile(
    r"(?P<operator>\^|~|>=|<=|>|<|=|)v?(?P<major>0|[1-9][0-9]*|[xX*])"
    r"(?:\.(?P<minor>0|[1-9][0-9]*|[xX*])(?:\.(?P<patch>0|[1-9][0-9]*|[xX*])(?:-(?P<pre>[0-9A-Za-z.-]+))?)?)?"
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """One version; `pre` holds what follows the dash, by dots."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...] = ()

    def _key(self) -> tuple[object, ...]:
        """Precedence (semver.org, item 11): no prerelease is above any, numbers are below words."""
        words = tuple((0, int(word), "") if word.isdecimal() else (1, 0, word) for word in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, words)

    def __lt__(self, other: "Version") -> bool:
        return self._key() < other._key()

    @property
    def numbers(self) -> tuple[int, int, int]:
        """Without the prerelease."""
        return self.major, self.minor, self.patch


Bound = tuple[str, Version]
"""`>=`, `>`, `<`, `<=` or `=`, and what it compares with."""


def version(text: str) -> Version | None:
    """The version that `text` is, or None."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    pre = tuple(match["pre"].split(".")) if match["pre"] else ()
    return Version(int(match["major"]), int(match["minor"]), int(match["patch"]), pre)


def allows(constraint: str, found: Version) -> bool:
    """Whether `found` lies in `constraint`; ValueError where that is no range.

    A prerelease only does where a bound of the range names a prerelease of the same three numbers, as npm has it: `^1.4` is not
    to bring `1.5.0-rc.1`.
    """
    return any(_within(bounds, found) for bounds in _ranges(constraint))


def check_constraint(constraint: str) -> str:
    """`constraint`, or ValueError where it is no range."""
    _ranges(constraint)
    return constraint


def _within(bounds: list[Bound], found: Version) -> bool:
    if found.pre and not any(bound.pre and bound.numbers == found.numbers for _, bound in bounds):
        return False
    return all(_holds(operator, found, bound) for operator, bound in bounds)


def _holds(operator: str, found: Version, bound: Version) -> bool:
    match operator:
        case ">=":
            return found >= bound
        case ">":
            return found > bound
        case "<":
            return found < bound
        case "<=":
            return found <= bound
        case _:
            return found == bound


def _ranges(constraint: str) -> list[list[Bound]]:
    found: list[list[Bound]] = []
    for alternative in constraint.split("||"):
        words = re.sub(r"(\^|~|>=|<=|>|<|=)\s+", r"\1", alternative.replace(",", " ")).split()
        if not words:
            raise ValueError(f"{constraint!r} is no range of versions, such as `^1.4` or `>=1.4 <3`")
        found.append([bound for word in words for bound in _bounds(word, constraint)])
    return found


def _bounds(word: str, constraint: str) -> list[Bound]:
    match = _PART.fullmatch(word)
    if match is None:
        raise ValueError(f"{word!r} in {constraint!r} is no part of a range of versions, such as `^1.4` or `>=1.4 <3`")
    numbers: list[int] = []
    for part in ("major", "minor", "patch"):
        if match[part] is None or match[part] in "xX*":
            break
        numbers.append(int(match[part]))
    operator, filled = match["operator"], [*numbers, 0, 0, 0]
    low = Version(filled[0], filled[1], filled[2], tuple(match["pre"].split(".")) if match["pre"] else ())
    if operator in ("<", ">") and not numbers:
        raise ValueError(f"{word!r} in {constraint!r} is a range that nothing lies in")
    if operator == "^":
        return [(">=", low), ("<", _after(numbers, next((place for place, one in enumerate(numbers) if one), len(numbers) - 1)))]
    if operator == "~":
        return [(">=", low), ("<", _after(numbers, min(1, len(numbers) - 1)))]
    if len(numbers) == 3:
        return [(operator or "=", low)]
    after = _after(numbers, len(numbers) - 1)
    whole: dict[str, list[Bound]] = {">": [(">=", after)], "<=": [("<", after)], ">=": [(">=", low)], "<": [("<", low)]}
    return whole.get(operator, [(">=", low), ("<", after)])


def _after(numbers: list[int], place: int) -> Version:
    """The first version whose number at `place` is higher; -1 for no number at all, which everything lies in."""
    if place < 0:
        return Version(2**63, 0, 0)
    raised = [*numbers[:place], numbers[place] + 1, 0, 0]
    return Version(raised[0], raised[1], raised[2])
