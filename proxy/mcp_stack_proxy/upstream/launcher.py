"""Become a server's program, having asked the kernel to end it with the proxy.

    launcher.py PROXY-PID LOCALE PROGRAM [ARG…]

A proxy that is killed with SIGKILL can end nobody any more. Linux can: PR_SET_PDEATHSIG (prctl(2)) outlives exec. It has to be
set in the child, and the usual hook for that, `preexec_fn`, runs Python between fork and exec of a process that has threads
(name look-ups), which may deadlock. A fresh interpreter that replaces itself cannot; it costs about 15 ms. Where there is no
such call, it only starts the program.

LOCALE is `=` and the program's LC_CTYPE, or empty where it has none: Python sets the variable in the C locale (PEP 538).
Imports nothing of the package: it runs isolated, with the environment of the server.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1

CANNOT_EXECUTE = 126
"""Exit code where the program was found but not started, as a shell has it."""


def die_with(parent: int) -> None:
    """Be killed when `parent` ends; at once if it has ended already, which the kernel would not tell any more."""
    import ctypes  # only where it is needed: it takes half of the start

    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Does not return where the program starts."""
    parent, locale, program, *rest = arguments
    os.environ.pop("LC_CTYPE", None)
    if locale:
        os.environ["LC_CTYPE"] = locale[1:]
    if sys.platform == "linux":
        die_with(int(parent))
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and ignoring is inherited
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(program, [program, *rest])  # noqa: S606 - that is the point
    except OSError as error:
        print(f"{os.path.basename(program)} cannot be executed: {error.strerror}", file=sys.stderr)  # noqa: PTH119
        return CANNOT_EXECUTE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
