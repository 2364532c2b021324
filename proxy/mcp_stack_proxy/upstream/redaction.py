"""What a process was given in its environment, taken out of what it writes.

Every value, not only those that came out of a placeholder: many configurations hold their secrets literally. What is put in its
place names the variable, so that a line stays readable where the value was no secret at all.
"""

import re
from collections.abc import Callable, Mapping

SHORTEST = 8
"""Characters. What is shorter (`info`, `8080`, `true`) is no secret worth the name, and would be found in every other word."""

Redaction = Callable[[str], str]


def redaction(env: Mapping[str, str]) -> Redaction:
    """A function that replaces the values of `env` in a line by `${NAME}`."""
    names: dict[str, str] = {}
    for name, value in sorted(env.items()):
        for line in value.splitlines():  # of a key or certificate, each is a line of its own there, too
            if len(line.strip()) >= SHORTEST:
                names.setdefault(line.strip(), name)
    if not names:
        return lambda line: line
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return lambda line: pattern.sub(lambda match: f"${{{names[match[0]]}}}", line)
