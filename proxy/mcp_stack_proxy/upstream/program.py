"""What a stdio server is: a program, its arguments, its environment. Whether it exists is known before it is started."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Reason, UpstreamError

_LAUNCHER = str(Path(__file__).with_name("launcher.py"))

INHERITED = ("PATH", "HOME", "LANG", "TZ")
"""The only variables of the proxy that a server sees: the others may hold credentials of its neighbours."""


@dataclass(frozen=True, slots=True)
class Program:
    """A command without shell; `env` is added to what is inherited, `cwd` is the proxy's own by default."""

    command: str
    args: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    cwd: str | None = None

    @property
    def shown(self) -> str:
        """Its name without directory: what an error may tell a client."""
        return Path(self.command).name or self.command

    def environment(self) -> dict[str, str]:
        """All variables of the process."""
        return {**{name: os.environ[name] for name in INHERITED if name in os.environ}, **self.env}

    def check(self) -> None:
        """UpstreamError where it cannot be started as things are."""
        if self.cwd is not None and not Path(self.cwd).is_dir():
            raise UpstreamError(
                Reason.UNREACHABLE, f"the working directory of {self.shown!r} does not exist", retryable=True, hint="check `cwd`"
            )
        if missing_command(self.command, self.environment().get("PATH"), self.cwd):
            hint = "install it, or correct `command`"
            raise UpstreamError(Reason.UNREACHABLE, f"program {self.shown!r} was not found", retryable=True, hint=hint)


def missing_command(command: str, path: str | None = None, cwd: str | None = None) -> bool:
    """Whether `command` names no executable file, looked up in `path` ($PATH by default) or, with a slash in it, from `cwd`."""
    if os.sep in command:
        return shutil.which(Path(cwd or ".") / command) is None
    return shutil.which(command, path=path) is None


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start `program` with pipes, in a session of its own; UpstreamError where the system refuses."""
    environment = program.environment()
    locale = f"={environment['LC_CTYPE']}" if "LC_CTYPE" in environment else ""
    launcher = [sys.executable, "-I", "-S", _LAUNCHER, str(os.getpid()), locale]
    try:
        return subprocess.Popen(  # noqa: S603 - no shell, and the operator's own command
            [*launcher, program.command, *program.args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=environment,
            cwd=program.cwd,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its command or environment holds a NUL"
        raise UpstreamError(Reason.UNREACHABLE, f"{program.shown!r} cannot be started: {reason}", retryable=True) from None
