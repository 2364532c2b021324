"""One fault, as a line that says where it is and how to mend it."""

from dataclasses import dataclass

from ..rendered import KubeObject

MISSING = "is neither in the stack nor declared; create it, or declare it as existing"
"""For whatever something else refers to."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`message` ends in the remedy. `path` is the place within the object, empty for the object as a whole."""

    check: str
    object: str
    path: str
    message: str
    severity: str = "error"
    """`error`: it will not work. `warning`: it will, until something happens. `notice`: it does, and is worth knowing about."""

    @property
    def fails(self) -> bool:
        """Whether somebody has to do something about it now."""
        return self.severity != "notice"

    def __str__(self) -> str:
        place = f"{self.object} {self.path}" if self.path else self.object
        return f"{self.severity}: {place}: {self.message} [{self.check}]"


def error(check: str, item: KubeObject, path: str, message: str) -> Finding:
    """Something that will not work."""
    return Finding(check, item.title, path, message)


def warning(check: str, item: KubeObject, path: str, message: str) -> Finding:
    """Something that works until it is needed."""
    return Finding(check, item.title, path, message, "warning")
