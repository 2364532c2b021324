"""Several processes at one address: they are started, replaced when they die, and ended together. Linux only, for its PDEATHSIG."""

import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

STEADY = 10.0
"""Seconds after which a worker counts as one that works: if it dies then, it is replaced at once."""

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a worker is replaced that died young, the second, third … time in a row."""

MISCONFIGURED = 2
"""Exit code of a worker that would fail again however often it were started."""

_ENDING = (signal.SIGTERM, signal.SIGINT)
_HEARD = (*_ENDING, signal.SIGCHLD)
_PR_SET_PDEATHSIG = 1


class Workers:
    """The parent. It does nothing but wait for signals."""

    def __init__(self, count: int, work: Callable[[int], int]) -> None:
        self._count = count
        self._work = work
        self._running: dict[int, int] = {}  # process id -> number of the worker
        self._began: dict[int, float] = {}  # number -> when
        self._failures = dict.fromkeys(range(count), 0)
        self._due: dict[int, float] = {}  # number -> when it is to be started
        self._ending = False
        self._code = 0

    def run(self) -> int:
        """Exit code of the whole: 0 where all ended as told. `work(number)` runs in each worker, and returns its own."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            self._due = dict.fromkeys(range(self._count), time.monotonic())
            while self._running or (self._due and not self._ending):
                self._start_due()
                self._hear()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self._code

    def _start_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, when in self._due.items() if when <= now and not self._ending]:
            del self._due[number]
            self._began[number] = now
            self._running[self._fork(number)] = number

    def _fork(self, number: int) -> int:
        parent = os.getpid()
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() == parent:  # else it died before it was told to tell us
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
                code = self._work(number)
        except BaseException:
            log.exception("worker %d failed", number)
        finally:
            logging.shutdown()
            os._exit(code)

    def _hear(self) -> None:
        """Wait for the next signal, or until a worker is due."""
        patience = min(self._due.values()) - time.monotonic() if self._due and not self._ending else STEADY
        heard = signal.sigtimedwait(_HEARD, max(patience, 0))
        if heard is not None and heard.si_signo in _ENDING:
            self._ending = True
            for process in self._running:
                os.kill(process, heard.si_signo)
        self._reap()

    def _reap(self) -> None:
        while self._running:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            number = self._running.pop(process, None)
            if number is not None:
                self._ended(number, os.waitstatus_to_exitcode(status))

    def _ended(self, number: int, code: int) -> None:
        if self._ending:
            early = code in (-signal.SIGTERM, -signal.SIGINT)  # told before it had begun to listen
            self._code = self._code or (0 if early else abs(code))
            return
        if code == MISCONFIGURED:
            self._code, self._ending = code, True
            for process in self._running:
                os.kill(process, signal.SIGTERM)
            return
        lived = time.monotonic() - self._began[number]
        self._failures[number] = 0 if lived >= STEADY else self._failures[number] + 1
        failures = self._failures[number]
        pause = 0.0 if failures <= 1 else PAUSES[min(failures - 2, len(PAUSES) - 1)]
        log.error("worker %d ended with %d after %.1f s; it is replaced in %g s", number, code, lived, pause)
        self._due[number] = time.monotonic() + pause
