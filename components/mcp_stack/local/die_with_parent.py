"""Become a program that the kernel asks to end when the one who started it is gone, even by SIGKILL (Linux).

    die_with_parent.py PARENT-PID PROGRAM [ARG…]

PR_SET_PDEATHSIG (prctl(2)) outlives exec, but has to be set in the child. A fresh interpreter that replaces itself does it without
running Python between fork and exec of a process that has threads. Imports nothing of the package: it runs isolated.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, program: str, *arguments: str) -> None:
    """Does not return."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != parent:  # gone before we could ask
        sys.exit(1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and ignoring is inherited
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(program, [program, *arguments])  # noqa: S606 - that is the point
    except OSError as error:
        sys.exit(f"{program} cannot be executed: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
