"""What somebody has to do something about."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One fault: what has it, what the cluster calls it, what the cluster says, and what to do next."""

    object: str
    """`Pod mcp-staging/staging-github-5d9c/github`: kind, namespace, name, and the container where it is one."""
    condition: str
    """The API's own word: `ImagePullBackOff`, `Ready=False (SecretSyncedError)`."""
    message: str
    next_step: str

    def __str__(self) -> str:
        said = f": {self.message}" if self.message else ""
        return f"{self.object}: {self.condition}{said}\n  next: {self.next_step}"

    def data(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def one_line(text: object) -> str:
    """`text` on one line, as far as anybody reads on."""
    flat = " ".join(str(text or "").split())
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…"


LONGEST = 300
"""Characters of what the cluster says."""
